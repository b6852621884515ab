"""Change tracking: the first full read, and the changes since a token."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from syncline_sandbox.dataverse import errors
from syncline_sandbox.dataverse.organisation import Organisation
from syncline_sandbox.dataverse.query.paging import MAX_PAGE
from syncline_sandbox.dataverse.schema.model import Table
from syncline_sandbox.dataverse.storage.database import quoted

DEFAULT_DAYS = 7
_TOKEN = re.compile(r"(\d+)!(\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}:\d{2})")
_REFUSED = ("$filter", "$orderby", "$expand", "$top", "$apply")


def refuse_options(texts: dict[str, str]) -> None:
    for name in _REFUSED:
        if name in texts:
            raise errors.tracking_option(name)


def require_tracking(table: Table) -> None:
    if table.is_intersect or table.name == "listmember":
        raise errors.DataverseError(
            400, "0x80072492", f"Change tracking is not supported for the intersect entity: '{table.name}'."
        )
    if not table.change_tracking:
        raise errors.tracking_off(table.name)


def make_token(version: int, now: datetime) -> str:
    """``919042!08/22/2017 08:10:44``."""
    return f"{version}!{now:%m/%d/%Y %H:%M:%S}"


def read_token(organisation: Organisation, text: str) -> int:
    """The version that a token stands for; 400 when it is malformed or has expired."""
    match = _TOKEN.fullmatch(text)
    if match is None:
        raise errors.bad_request("Invalid delta token.", "0x80044352")
    made = datetime.strptime(match[2], "%m/%d/%Y %H:%M:%S").replace(tzinfo=UTC)
    days = expiry_days(organisation)
    if organisation.now() - made > timedelta(days=days):
        raise errors.delta_expired()
    return int(match[1])


def expiry_days(organisation: Organisation) -> int:
    """The switch of the sandbox, or else the organisation's own setting."""
    if organisation.settings.delta_token_days is not None:
        return organisation.settings.delta_token_days
    kept = organisation.database.value("SELECT expirechangetrackingindays FROM organization")
    return DEFAULT_DAYS if kept is None else int(kept)


def deleted(
    organisation: Organisation, table: Table, since: int, after: int, limit: int
) -> list[tuple[str, int]]:
    """Ids and versions of rows deleted behind ``after`` that do not exist again."""
    key = quoted(table.primary_id)
    sql = (
        "SELECT d.id, max(d.version) AS version FROM _deleted d"
        f' WHERE d."table" = ? AND d.version > ? AND NOT EXISTS (SELECT 1 FROM {quoted(table.name)} t'
        f" WHERE t.{key} = d.id) GROUP BY d.id HAVING max(d.version) > ? ORDER BY version LIMIT ?"
    )
    return organisation.database.rows(sql, (table.name, since, after, limit))


def count_changes(organisation: Organisation, table: Table, since: int) -> int:
    changed = organisation.database.value(
        f"SELECT count(*) FROM (SELECT 1 FROM {quoted(table.name)} WHERE versionnumber > ? LIMIT {MAX_PAGE})",
        (since,),
    )
    return int(changed) + len(deleted(organisation, table, since, since, MAX_PAGE))


def deleted_entry(base_url: str, table: Table, row_id: str) -> dict[str, Any]:
    return {
        "@odata.context": f"{base_url}/$metadata#{table.set_name}/$deletedEntity",
        "id": row_id,
        "reason": "deleted",
    }
