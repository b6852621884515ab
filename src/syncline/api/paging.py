"""Pages by key: `{"items": […], "next": "…"}`; `next` is what the call for the next page gives as `after`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

from django.db.models import Model, QuerySet
from ninja import Schema
from pydantic import Field

USUAL: Final = 50
MOST: Final = 500

CODE: Final = r"^[a-z0-9_]*$"
TEXT: Final = r"^[^\x00]*$"
"""PostgreSQL stores no NUL, so nothing that holds one can be found."""

Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)


class Page(Schema, Generic[Item]):
    items: list[Item]
    next: str | None = Field(description="`after` of the next page; null on the last one.", examples=["1042"])


class Paging(Schema):
    """What every list takes."""

    after: str = Field(
        "", pattern=r"^[0-9]{0,18}$", description="The `next` of the page before; empty for the first page."
    )
    limit: int = Field(USUAL, ge=1, le=MOST, description="How many items a page holds.")

    @property
    def start(self) -> int:
        """The key that the page before ended with; 0 for the first page."""
        return int(self.after or 0)


def page(rows: Sequence[Row] | QuerySet[Row], limit: int, tell: Callable[[Row], Item]) -> dict[str, object]:
    """One page from rows of which one more was asked for than a page holds."""
    found = list(rows)
    shown = found[:limit]
    more = len(found) > limit
    return {"items": [tell(row) for row in shown], "next": str(shown[-1].pk) if more else None}
