"""What a sync type is, and what one step of a run may answer.

A sync type is a module with one function, `step(context) -> Next`, and one line in `syncs/registry.py`. The
engine calls `step` again and again; each call does one bounded piece of work (a page, a batch, a poll), and
stores where it stands before it returns, so that a run may die between any two calls and be taken over by
another worker.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from syncline.syncs.context import RunContext

Lane = Literal["people", "rows"]


@dataclass(frozen=True)
class More:
    """There is more to do at once."""


@dataclass(frozen=True)
class Wait:
    """Nothing to do until `seconds` have passed (an import is under way, a limit is reached)."""

    seconds: float


@dataclass(frozen=True)
class Done:
    """The run has ended; its row says how."""


Next = More | Wait | Done


@dataclass(frozen=True, kw_only=True)
class SyncType:
    """One row of the Scheduled Sync Settings (product.md §4)."""

    key: str
    name: str
    """As on the page."""
    description: str
    audit_type: str
    """As in the Sync Audit's Sync Type column."""
    lane: Lane
    default_interval: str = "manual"
    plannable: bool = True
    """Whether it decides anything that a person could be asked about beforehand. A sync that only adds rows
    about what has happened does not."""
    step: Callable[[RunContext], Next]
