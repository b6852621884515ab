"""Reading of the next page goes on while the present one is stored.

A step handles one page and returns, so the page that will be wanted next is kept between steps: one for each
source that is being read, by its link. It is only ever a head start: a page that is not there, or whose
reading failed, is read again in the step itself, where faults are dealt with.
"""

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from time import monotonic
from typing import Any, Final, TypeVar

from django.db import connections

T = TypeVar("T")

KEPT_FOR_S: Final = 30.0
"""A page that nobody wanted for so long is old news: a run that was taken over reads it again."""

MOST_KEPT: Final = 8
"""Pages that a worker holds at most: its memory does not grow with what it reads."""

_threads: Final = ThreadPoolExecutor(max_workers=4, thread_name_prefix="read-ahead")
_ahead: Final[OrderedDict[tuple[int, str], tuple[float, Future[Any]]]] = OrderedDict()
_lock: Final = Lock()


def page_at(source: int, link: str, fetch: Callable[[str], T], next_link: Callable[[T], str | None]) -> T:
    """The page at a link, read ahead where that worked; starts reading the one after it. `source` tells
    accounts apart.
    """
    with _lock:
        began_at, coming = _ahead.pop((source, link), (0.0, None))
    if coming is not None and monotonic() - began_at < KEPT_FOR_S and coming.exception() is None:
        page: T = coming.result()
    else:
        page = fetch(link)
    start(source, next_link(page), fetch)
    return page


def start(source: int, link: str | None, fetch: Callable[[str], Any]) -> None:
    """Begin to read a page that will be wanted next."""
    if not link:
        return
    with _lock:
        if (source, link) not in _ahead:
            _ahead[source, link] = monotonic(), _threads.submit(_fetch, fetch, link)
        while len(_ahead) > MOST_KEPT:
            _ahead.popitem(last=False)[1][1].cancel()


def _fetch(fetch: Callable[[str], T], link: str) -> T:
    try:
        return fetch(link)
    finally:
        # The limits that workers share are kept in the database; this thread may be idle for long afterwards.
        connections.close_all()
