"""Telling a table of Dynamics that is shut to us from single rows that it refuses."""

from collections.abc import Iterable
from typing import Final

from syncline.dataverse import PRIVILEGE_MISSING, RowOutcome

NO_SUCH_SET: Final = "0x8006088a"
"""Dataverse's code for a table that is not there (contract §2.3)."""

NOT_THERE: Final = "0x80040217"
"""Dataverse's code for a row that is not there, be it the one that is written or one that it points at."""


def closed(answers: Iterable[RowOutcome]) -> RowOutcome | None:
    """An answer that holds for every row of the table: there is none, or we may not write it."""
    codes = {NO_SUCH_SET, *PRIVILEGE_MISSING}
    return next((one for one in answers if one.state == "rejected" and one.code.lower() in codes), None)


def remedy_for(shut: RowOutcome, table: str) -> str:
    if shut.code.lower() == NO_SUCH_SET:
        return f"Dynamics has no table {table}. Let an operator run `syncline provision` for this account."
    return f"Syncline may not write {table}: {shut.reason}"
