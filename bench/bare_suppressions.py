"""The bare script that `bench.bench_suppressions` is held against: the same rows read and written, with no
safety at all.

No durable record, no consent ledger, no retry, nothing known about the next run. Everybody is held in memory.
"""

from __future__ import annotations

import json
import sys
import time
import uuid
from collections.abc import Iterator
from typing import Any

import httpx2
import msgspec

from bench.bare_sides import both_sides, contacts
from bench.measuring import usage

PAGE, ROWS, ROWS_OF_CUSTOMERS = 1_000, 1_000, 200


def main() -> None:
    dataverse, dotdigital = json.loads(sys.argv[1]), json.loads(sys.argv[2])
    began = time.monotonic()
    written = run(dataverse, dotdigital)
    print(json.dumps({"wall_s": time.monotonic() - began, "written": written, **usage()}))


def run(dataverse: dict[str, str], dotdigital: dict[str, str]) -> int:
    with both_sides(dataverse, dotdigital) as (crm, api, mail):
        emails = list(_suppressed(mail, dotdigital["base_url"]))
        ids = dict(contacts(crm, api))
        known = [(email, ids[email]) for email in emails if email in ids]
        marks = [
            {"@odata.id": f"contacts({id_})", "@odata.type": _type("contact"), "donotbulkemail": True}
            for _, id_ in known
        ]
        records = [
            _new("syncline_suppression", {"syncline_email": email, "syncline_name": "Unsubscribed"})
            | {"syncline_Contact@odata.bind": f"/contacts({id_})"}
            for email, id_ in known
        ]
        entries = [_new("syncline_suppressedemail", {"syncline_email": email}) for email in emails]
        _send(crm, f"{api}/contacts/Microsoft.Dynamics.CRM.UpdateMultiple", marks, ROWS_OF_CUSTOMERS)
        for set_, rows in (("syncline_suppressions", records), ("syncline_suppressedemails", entries)):
            _send(crm, f"{api}/{set_}/Microsoft.Dynamics.CRM.UpsertMultiple", rows, ROWS)
        return len(marks) + len(records) + len(entries)


def _suppressed(mail: httpx2.Client, base_url: str) -> Iterator[str]:
    skip, full = 0, True
    while full:
        url = f"{base_url}/v2/contacts/suppressed-since/2000-01-01T00:00:00Z?select={PAGE}&skip={skip}"
        page = msgspec.json.decode(mail.get(url).raise_for_status().content)
        yield from (one["suppressedContact"]["email"] for one in page)
        skip, full = skip + PAGE, len(page) == PAGE


def _new(table: str, values: dict[str, Any]) -> dict[str, Any]:
    row_id = uuid.uuid4()
    return {"@odata.type": _type(table), "@odata.id": f"{table}s({row_id})", **values}


def _type(table: str) -> str:
    return f"Microsoft.Dynamics.CRM.{table}"


def _send(crm: httpx2.Client, url: str, rows: list[dict[str, Any]], at_a_time: int) -> None:
    headers = {"Content-Type": "application/json"}
    for begin in range(0, len(rows), at_a_time):
        body = msgspec.json.encode({"Targets": rows[begin : begin + at_a_time]})
        crm.post(url, content=body, headers=headers).raise_for_status()


if __name__ == "__main__":
    main()
