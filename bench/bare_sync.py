"""The bare script that `bench sync` is held against: reads and posts, with no safety at all.

No durable record, no consent gate, no retry, no report read, nothing known about the next run. It stands for
the least that anybody could write, and so for the time that the two sandboxes themselves take.
"""

from __future__ import annotations

import json
import sys
import time

import httpx2
import msgspec

from bench.measuring import usage

COLUMNS = "contactid,emailaddress1,firstname,lastname,fullname,address1_postalcode,jobtitle,telephone1"
FIELDS = {
    "firstname": "FIRSTNAME",
    "lastname": "LASTNAME",
    "fullname": "FULLNAME",
    "address1_postalcode": "POSTCODE",
    "jobtitle": "JOBTITLE",
    "telephone1": "PHONE",
}
BATCH = 10_000


def main() -> None:
    dataverse, dotdigital, book_id = json.loads(sys.argv[1]), json.loads(sys.argv[2]), int(sys.argv[3])
    began = time.monotonic()
    sent = run(dataverse, dotdigital, book_id)
    print(json.dumps({"wall_s": time.monotonic() - began, "sent": sent, **usage()}))


def run(dataverse: dict[str, str], dotdigital: dict[str, str], book_id: int) -> int:
    form = {
        "grant_type": "client_credentials",
        "client_id": dataverse["client_id"],
        "client_secret": dataverse["client_secret"],
        "scope": dataverse["base_url"] + "/.default",
    }
    sent = 0
    rows: list[dict[str, object]] = []
    with (
        httpx2.Client(timeout=120) as crm,
        httpx2.Client(timeout=120, auth=(dotdigital["api_user"], dotdigital["api_password"])) as mail,
    ):
        token = crm.post(dataverse["token_url"], data=form).json()["access_token"]
        crm.headers["Authorization"] = f"Bearer {token}"
        crm.headers["Prefer"] = "odata.maxpagesize=5000"
        link: str | None = f"{dataverse['base_url']}/api/data/v9.2/contacts?$select={COLUMNS}"
        while link:
            page = msgspec.json.decode(crm.get(link).content)
            rows += [_row(row, book_id) for row in page["value"]]
            link = page.get("@odata.nextLink")
            while len(rows) >= BATCH or (rows and not link):
                body = msgspec.json.encode({"contacts": rows[:BATCH]})
                headers = {"Content-Type": "application/json"}
                mail.put(
                    f"{dotdigital['base_url']}/contacts/v3/import", content=body, headers=headers
                ).raise_for_status()
                sent += len(rows[:BATCH])
                rows = rows[BATCH:]
    return sent


def _row(row: dict[str, object], book_id: int) -> dict[str, object]:
    return {
        "matchIdentifier": "email",
        "identifiers": {"email": row["emailaddress1"]},
        "dataFields": {label: row[column] for column, label in FIELDS.items() if row[column] is not None},
        "lists": [book_id],
    }


if __name__ == "__main__":
    main()
