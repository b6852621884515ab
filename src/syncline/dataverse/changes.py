"""Change tracking: everything once, then only what changed since (contract §2.8)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from syncline.dataverse import addresses
from syncline.dataverse.errors import ChangeTrackingOff
from syncline.dataverse.reading import MOST_ROWS_A_PAGE, Row
from syncline.dataverse.session import OnSession


class DeltaPage(msgspec.Struct, frozen=True):
    """A page of changes.

    `deleted` are ids, some perhaps of rows never seen. Exactly one of the links is there: `next_link` leads
    to the next page of this pass, `delta_link` (last page only) starts the next pass. Both may be stored.
    """

    rows: list[Row]
    deleted: list[str]
    next_link: str | None
    delta_link: str | None


class _Changes(msgspec.Struct):
    value: list[Row]
    next_link: str | None = msgspec.field(name="@odata.nextLink", default=None)
    delta_link: str | None = msgspec.field(name="@odata.deltaLink", default=None)


class Changes(OnSession):
    """Delta takes no filter, order or expansion, and choice labels are not asked for with it."""

    def delta(
        self, set_: str, select: Sequence[str], *, page_size: int = MOST_ROWS_A_PAGE
    ) -> Iterator[DeltaPage]:
        """The whole table once, ending in the first delta link.

        The link is stamped when the last page is read: after a long pass, read what was modified since its
        start once more. Raises `ChangeTrackingOff`.
        """
        return self.delta_from(addresses.query(addresses.name(set_), select=select), page_size=page_size)

    def delta_from(self, link: str, *, page_size: int = MOST_ROWS_A_PAGE) -> Iterator[DeltaPage]:
        """Go on from a stored next link, or begin the next pass from a delta link. Raises `DeltaExpired`."""
        prefer = f"odata.track-changes,odata.maxpagesize={page_size}"
        at: str | None = link
        while at is not None:
            found = self._session.get(at, _Changes, headers={"Prefer": prefer})
            if found.next_link is None and found.delta_link is None:
                raise ChangeTrackingOff(
                    f"{at.split('?', 1)[0]} was read to its end without a delta link",
                    "Turn on Track changes for this table in Power Apps, and publish.",
                )
            at = found.next_link
            rows, deleted = _parted(found.value)
            yield DeltaPage(rows, deleted, found.next_link, found.delta_link)


def _parted(value: list[Row]) -> tuple[list[Row], list[str]]:
    """Changed rows, and ids of deleted ones; the deleted ones stand last, all of one shape."""
    if not any("reason" in row or "@removed" in row for row in value):
        return value, []
    rows = [row for row in value if not _is_deleted(row)]
    return rows, [str(row["id"]) for row in value if _is_deleted(row)]


def _is_deleted(row: dict[str, Any]) -> bool:
    context = row.get("@odata.context", "")
    return "@removed" in row or (isinstance(context, str) and context.endswith("/$deletedEntity"))
