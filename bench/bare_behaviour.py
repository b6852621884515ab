"""The bare script that `bench.bench_behaviour` is held against: the same rows read and written, without any
safety.

No durable record, no retry, nothing known about the next run; pages that do not overlap, and a short page is
taken for the last. Whose contact each row is it knows beforehand, as Syncline does, and holds all of that in
memory: what reading that took is not counted.
"""

from __future__ import annotations

import json
import sys
import time
import uuid
from collections.abc import Iterator
from typing import Any, Final

import httpx2
import msgspec

from bench.bare_sides import both_sides, contacts
from bench.measuring import usage

PAGE: Final = 1_000
NEVER: Final = "0001-01-01T00:00:00Z"
"""What Dotdigital tells of a moment that never was."""

SETS: Final = {
    "activities": (
        "syncline_emailsend",
        {
            "dateSent": "senton",
            "dateFirstOpened": "firstopenedon",
            "dateLastOpened": "lastopenedon",
            "numOpens": "opens",
            "numClicks": "clicks",
            "numPageViews": "pageviews",
            "numForwards": "forwards",
            "numEstimatedForwards": "estimatedforwards",
            "numReplies": "replies",
            "firstOpenIp": "firstopenip",
            "unsubscribed": "unsubscribed",
            "softBounced": "softbounced",
            "hardBounced": "hardbounced",
        },
    ),
    "clicks": (
        "syncline_emailclick",
        {
            "url": "url",
            "keyword": "keyword",
            "dateClicked": "clickedon",
            "ipAddress": "ipaddress",
            "userAgent": "useragent",
        },
    ),
    "social-bookmark-views": ("syncline_socialbookmark", {"bookmarkName": "name", "numViews": "views"}),
    "roi-details/since-date/2000-01-01": (
        "syncline_roidetail",
        {"markerName": "name", "dataType": "datatype", "dateEntered": "enteredon"},
    ),
    "page-views/since-date/2000-01-01": (
        "syncline_campaignpageview",
        {"url": "url", "dateViewed": "viewedon"},
    ),
}
"""Call → table, and Dotdigital's name → the column's without our prefix."""


def main() -> None:
    dataverse, dotdigital = json.loads(sys.argv[1]), json.loads(sys.argv[2])
    with both_sides(dataverse, dotdigital) as (crm, api, mail):
        ids = dict(contacts(crm, api))
        before, began = usage()["cpu_s"], time.monotonic()
        written = _carry_over(crm, api, mail, f"{dotdigital['base_url']}/v2/campaigns/{sys.argv[3]}", ids)
        wall_s = time.monotonic() - began
    used = usage()
    told = {"wall_s": wall_s, "written": written, **used, "cpu_s": used["cpu_s"] - before}
    print(json.dumps(told))


def _carry_over(crm: httpx2.Client, api: str, mail: httpx2.Client, campaign: str, ids: dict[str, str]) -> int:
    written = 0
    for call, (table, columns) in SETS.items():
        for page in _pages(mail, f"{campaign}/{call}"):
            rows = [_row(table, columns, one, ids) for one in page]
            url = f"{api}/{table}s/Microsoft.Dynamics.CRM.UpsertMultiple"
            body = msgspec.json.encode({"Targets": rows})
            crm.post(url, content=body, headers={"Content-Type": "application/json"}).raise_for_status()
            written += len(rows)
    return written


def _pages(mail: httpx2.Client, url: str) -> Iterator[list[dict[str, Any]]]:
    skip, full = 0, True
    while full:
        answer = mail.get(f"{url}?select={PAGE}&skip={skip}").raise_for_status()
        page = msgspec.json.decode(answer.content)
        if page:
            yield page
        skip, full = skip + PAGE, len(page) == PAGE


def _row(table: str, columns: dict[str, str], told: dict[str, Any], ids: dict[str, str]) -> dict[str, Any]:
    row = {
        "@odata.type": f"Microsoft.Dynamics.CRM.{table}",
        "@odata.id": f"{table}s({uuid.uuid4()})",
        "syncline_email": told["email"],
        "syncline_dotdigitalcontactid": told["contactId"],
        **{f"syncline_{column}": told[name] for name, column in columns.items() if told[name] != NEVER},
    }
    if told["email"] in ids:
        row["syncline_Contact@odata.bind"] = f"/contacts({ids[told['email']]})"
    return row


if __name__ == "__main__":
    main()
