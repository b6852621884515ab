"""v2's offset paging, made safe against rows that move between two pages (contract §1.6)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any

from syncline.dotdigital.limits import LOW
from syncline.dotdigital.session import Call, Session
from syncline.dotdigital.words import folded
from syncline.remote import Permanent

SELECT = 1000
OVERLAP = 100


def offset_pages(
    session: Session,
    path: str,
    *,
    route: str,
    identity: Callable[[dict[str, Any]], Hashable],
    skip: int = 0,
    select: int = SELECT,
    overlap: int = OVERLAP,
    params: Mapping[str, str] | None = None,
) -> Iterator[tuple[list[dict[str, Any]], int | None]]:
    """Pages of rows, each with the offset of the next one; the last page is empty and its offset None.

    Names in the rows are in lower case. Nothing fixes the order of the rows, so each page begins with the
    last `overlap` rows of the one before; what that page has brought is left out. A row that moves to the
    front meanwhile has a new date, and so comes with the next pass. Only an empty page is the end: a short
    one need not be.
    """
    before: set[Hashable] = set()
    while True:
        window = {"select": str(select), "skip": str(skip)}
        call = Call(method="GET", path=path, route=route, params={**(params or {}), **window}, tier=LOW)
        found = session.json(call)
        if not isinstance(found, list):
            raise Permanent(f"{call.label}: a list was expected")
        rows = [folded(row) for row in found]
        if not rows:
            yield [], None
            return
        skip += len(rows) - (overlap if len(rows) == select else 0)
        fresh = [row for row in rows if identity(row) not in before]
        before = {identity(row) for row in rows}
        yield fresh, skip
