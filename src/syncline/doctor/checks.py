"""One finding of the doctor, and how a chain of them ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from syncline.remote import RemoteError

State = Literal["ok", "warn", "fail", "skipped"]
Side = Literal["dataverse", "dotdigital", "both"]


@dataclass(frozen=True, kw_only=True)
class Check:
    """What was looked at, what was found, and what to do about it (empty where nothing has to be done)."""

    side: Side
    name: str
    state: State
    detail: str
    remedy: str = ""


# A link finds something out, or raises; a broken one ends the chain it is in.
Link = Callable[[], Check]


def chain(side: Side, links: list[tuple[str, Link]], *, also: Sequence[str] = ()) -> Iterator[Check]:
    """Each check in turn. What comes after a failed one would fail for the same reason, so it is left out.

    `also` names what the caller leaves out besides.
    """
    for position, (name, link) in enumerate(links):
        found = guarded(side, name, link)
        yield found
        if found.state == "fail":
            left = [*(later for later, _ in links[position + 1 :]), *also]
            if left:
                yield skipped(side, name, left)
            return


def guarded(side: Side, name: str, link: Link) -> Check:
    """The check's own finding, or the vendor's refusal as one."""
    try:
        return link()
    except RemoteError as error:
        return Check(side=side, name=name, state="fail", detail=error.message, remedy=error.what_to_do)


def skipped(side: Side, failed: str, left: list[str]) -> Check:
    return Check(
        side=side,
        name="Not checked",
        state="skipped",
        detail=f"{', '.join(left)}: not checked, because “{failed}” failed.",
        remedy="Mend what failed, then run the doctor again.",
    )
