"""How a sync that brings what has happened reads: up to Dotdigital's clock, list by list, page by page."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final, TypeVar

from syncline.dotdigital import BEFORE_EVERYTHING, NotFound, OffsetPage
from syncline.ledger import cursors
from syncline.remote import Misconfigured, Permanent, Rejected, Retryable
from syncline.syncs.campaigns.write_rows import DataSetFailedError
from syncline.syncs.context import CLOCKS_DIFFER_BY, RunContext

T = TypeVar("T")

MOST_FAULTS: Final = 2
"""Times in a row that Dotdigital may answer one request with a plain 500 before its set of data is left out
of the run: it is a fault about this request then, and nobody else has to wait for it.
"""


def note_beginning(context: RunContext, source: str, fingerprint: str = "") -> None:
    """Dotdigital's clock before anything is read: up to there all is known once the run has ended."""
    began = context.dotdigital.server_time()
    token = cursors.token(context.account, source, fingerprint)
    # What happened shortly before may have become visible only since.
    since = datetime.fromisoformat(token) - CLOCKS_DIFFER_BY if token else BEFORE_EVERYTHING
    context.save_position(began=began.isoformat(), happened_since=since.isoformat())


def moment_of(context: RunContext, name: str) -> datetime:
    """`began` or `happened_since` of the run."""
    return datetime.fromisoformat(context.position[name])


def next_page(context: RunContext, what: str, pages: Iterator[OffsetPage[Any]]) -> OffsetPage[Any] | None:
    """The next page; None once the last one has been read."""
    return None if context.position.get(f"{what}_read") else next(pages)


def go_on(context: RunContext, what: str, next_skip: int | None) -> None:
    context.save_position(**({f"{what}_read": True} if next_skip is None else {what: next_skip}))


def ask(context: RunContext, call: Callable[[], T]) -> T:
    """What the call answers. What concerns this request alone raises DataSetFailedError, or NotFound; what
    concerns everything is raised as it is.
    """
    try:
        return call()
    except NotFound:
        raise
    except Misconfigured as error:
        if error.status == 401:
            raise
        raise DataSetFailedError(f"{error}. {error.what_to_do}") from error
    except (Permanent, Rejected) as error:
        raise DataSetFailedError(str(error)) from error
    except Retryable as error:
        if error.status != 500 or context.run.retries < MOST_FAULTS:
            raise
        raise DataSetFailedError(str(error)) from error
