"""Emptying and deleting collections of insight data, which ends later."""

from __future__ import annotations

import msgspec

from syncline_sandbox.dotdigital import insight
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.jobs import FINISHED, Job, Outcome


def carry_out(account: Account, job: Job, payload: bytes) -> Outcome:
    """Remove the records that the options name: all, or one contact's; and the collection when it goes."""
    del payload
    name = job.options["collection"]
    removed = insight.empty(account, name, job.options.get("owner"))
    if job.options.get("drop"):
        insight.drop(account, name)
    summary = {"totalRecords": removed, "totalProcessed": removed, "totalFailed": 0}
    return Outcome(FINISHED, msgspec.json.encode({"summary": summary}))
