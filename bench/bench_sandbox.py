"""What the sandboxes themselves cost, so that other benches measure Syncline and not them.

``python bench/bench_sandbox.py [--rows 100000]`` imports so many contacts into the Dotdigital sandbox in
bodies of 10,000 rows, waits for and reads every report, and reads as many contacts from the Dataverse
sandbox in pages of 5,000. It prints CPU seconds of each sandbox process, the wall time, and the peak
memory. Aim: 100,000 rows in under 3 s of CPU for both together.
"""

from __future__ import annotations

import argparse
import base64
import importlib.util
import json
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from sandbox_process import Sandbox, start_dataverse, start_dotdigital

IMPORT_ROWS = 10_000
PAGE_ROWS = 5_000
AIM_CPU_S = 3.0


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
    aim_s = AIM_CPU_S * rows / 100_000
    print(f"both        {cpu_s:6.2f} s CPU, {cpu_s / aim_s:.2f} x the aim of {aim_s:g} s")
    return 0


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
        bodies = [
            json.dumps({"contacts": [_contact(first + n, list_id) for n in range(IMPORT_ROWS)]}).encode()
            for first in range(0, rows, IMPORT_ROWS)
        ]
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
