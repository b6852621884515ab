"""What the sandboxes themselves cost, so that other benches measure Syncline and not them.

``python -m bench.bench_sandbox [--rows 100000]`` imports so many contacts into the Dotdigital sandbox in
bodies of 10,000 rows, waits for and reads every report, and reads as many contacts from the Dataverse
sandbox in pages of 5,000. It prints CPU seconds of each sandbox process, the wall time, and the peak
memory; and what both together take beside the least that anybody could do with the same rows, measured in
the same run: parse each body, store its rows in a bare table, and write them out as JSON again.
"""

from __future__ import annotations

import argparse
import base64
import importlib.util
import json
import sqlite3
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from sandbox_process import Sandbox, start_dataverse, start_dotdigital

IMPORT_ROWS = 10_000
PAGE_ROWS = 5_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        cpu_s = bench_dotdigital(Path(folder) / "dotdigital", rows)
        if importlib.util.find_spec("syncline_sandbox.dataverse.app") is None:
            print("Dataverse   not there yet")
        else:
            cpu_s += bench_dataverse(Path(folder) / "dataverse", rows)
    bare_s = bare(bodies_of(rows, list_id=1))
    print(f"bare        {bare_s:6.2f} s CPU")
    print(f"both        {cpu_s:6.2f} s CPU, {cpu_s / bare_s:.1f} x bare")
    return 0


def bodies_of(rows: int, list_id: int) -> list[bytes]:
    """So many contacts in bodies of imports."""
    return [
        json.dumps({"contacts": [_contact(first + n, list_id) for n in range(IMPORT_ROWS)]}).encode()
        for first in range(0, rows, IMPORT_ROWS)
    ]


def bare(bodies: list[bytes]) -> float:
    """CPU seconds for parsing, storing and writing out the same rows with nothing around them."""
    began = time.process_time()
    with closing(sqlite3.connect(":memory:")) as table:
        table.execute("CREATE TABLE contact (email TEXT PRIMARY KEY, fields TEXT)")
        for body in bodies:
            rows = json.loads(body)["contacts"]
            table.executemany(
                "INSERT INTO contact VALUES (?, ?)",
                ((row["identifiers"]["email"], json.dumps(row["dataFields"])) for row in rows),
            )
        stored = table.execute("SELECT email, fields FROM contact")
        while page := stored.fetchmany(PAGE_ROWS):
            json.dumps([{"email": email, "fields": json.loads(fields)} for email, fields in page])
    return time.process_time() - began


def bench_dotdigital(data_dir: Path, rows: int) -> float:
    """CPU seconds for a first import of so many contacts; a second one of the same is only printed."""
    with start_dotdigital(data_dir) as sandbox:
        headers = {
            "Authorization": "Basic "
            + base64.b64encode(f"{sandbox.api_user}:{sandbox.api_password}".encode()).decode(),
            "Content-Type": "application/json",
        }
        sandbox.control.settings(rate_scheme="off", import_delay_s=0, import_delay_per_row_s=0)
        list_id = sandbox.control.seed(lists=[{"name": "Bench"}])["lists"]["Bench"]
        bodies = bodies_of(rows, list_id)
        cpu_s = _import_all(sandbox, headers, bodies, "Dotdigital  new     ")
        _import_all(sandbox, headers, bodies, "Dotdigital  same    ")
        sandbox.control.clear_journal()
        wall = time.perf_counter()
        marker, read = "", 0
        while True:
            query = "limit=5000&include=lists%7CchannelProperties&data-fields=FIRSTNAME%7CLASTNAME" + marker
            page = _call(f"{sandbox.base_url}/contacts/v3?{query}", headers)
            read += len(page["_items"])
            if "next" not in page["_links"]:
                break
            marker = "&marker=" + page["_links"]["next"]["marker"]
        assert read == rows, read
        _print("Dotdigital  read    ", sandbox, time.perf_counter() - wall)
        return cpu_s


def bench_dataverse(data_dir: Path, rows: int) -> float:
    """CPU seconds for reading so many contacts in pages."""
    with start_dataverse(data_dir) as sandbox:
        template = {
            "firstname": "First{n}",
            "lastname": "Last{n}",
            "emailaddress1": "contact{n}@bench.example",
        }
        sandbox.control.seed(table="contact", count=rows, template=template)
        form = {
            "grant_type": "client_credentials",
            "client_id": sandbox.client_id,
            "client_secret": sandbox.client_secret,
            "scope": f"{sandbox.base_url}/.default",
        }
        token = _call(sandbox.token_url, {}, urllib.parse.urlencode(form).encode(), "POST")["access_token"]
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "Prefer": f"odata.maxpagesize={PAGE_ROWS}",
        }
        sandbox.control.clear_journal()
        wall = time.perf_counter()
        columns = "firstname,lastname,emailaddress1,address1_city,birthdate,modifiedon"
        url: str | None = f"{sandbox.base_url}/api/data/v9.2/contacts?$select={columns}"
        read = 0
        while url is not None:
            page = _call(url, headers)
            read += len(page["value"])
            url = page.get("@odata.nextLink")
        assert read == rows, read
        return _print("Dataverse   read    ", sandbox, time.perf_counter() - wall)


def _contact(number: int, list_id: int) -> dict[str, Any]:
    return {
        "matchIdentifier": "email",
        "identifiers": {"email": f"contact{number}@bench.example"},
        "dataFields": {
            "FIRSTNAME": f"First{number}",
            "LASTNAME": f"Last{number}",
            "FULLNAME": f"First{number} Last{number}",
            "POSTCODE": f"{number:06d}",
            "GENDER": "Female" if number % 2 else "Male",
        },
        "channelProperties": {"email": {"optInType": "single", "emailType": "html"}},
        "lists": [list_id],
    }


def _import_all(sandbox: Sandbox, headers: dict[str, str], bodies: list[bytes], label: str) -> float:
    sandbox.control.clear_journal()
    wall = time.perf_counter()
    for body in bodies:
        started = _call(f"{sandbox.base_url}/contacts/v3/import", headers, body, "PUT")
        report = _call(f"{sandbox.base_url}/contacts/v3/import/{started['importId']}", headers)
        assert report["status"] == "Finished", report["status"]
        assert len(report["created"]) + len(report["updated"]) == IMPORT_ROWS
    return _print(label, sandbox, time.perf_counter() - wall)


def _print(label: str, sandbox: Sandbox, wall_s: float) -> float:
    cpu_s = float(sandbox.control.journal()["cpu_s"])
    print(f"{label}{cpu_s:6.2f} s CPU  {wall_s:6.2f} s wall  {_peak_mb(sandbox.pid):5.0f} MB peak")
    return cpu_s


def _peak_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _call(url: str, headers: dict[str, str], body: bytes | None = None, method: str = "GET") -> Any:
    request = urllib.request.Request(url, data=body, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=300) as response:
        return json.loads(response.read())


if __name__ == "__main__":
    sys.exit(main())
