"""Paging by key, for tables that may be as large as the account: neither counted nor skipped through."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar


class Keyed(Protocol):
    @property
    def pk(self) -> Any: ...


Row = TypeVar("Row", bound=Keyed)


@dataclass(frozen=True)
class KeyPage(Generic[Row]):
    """One page, and the keys at which the pages beside it begin."""

    rows: Sequence[Row]
    has_before: bool
    has_after: bool

    @property
    def first(self) -> Any:
        return self.rows[0].pk if self.rows else ""

    @property
    def last(self) -> Any:
        return self.rows[-1].pk if self.rows else ""


def key_page(taken: Sequence[Row], size: int, *, after: Any, before: Any) -> KeyPage[Row]:
    """From a page and one row more, read forwards from `after`, or backwards from `before`; what is empty or
    0 was not asked for.
    """
    more = len(taken) > size
    if before:
        return KeyPage(taken[:size][::-1], has_before=more, has_after=True)
    return KeyPage(taken[:size], has_before=bool(after), has_after=more)
