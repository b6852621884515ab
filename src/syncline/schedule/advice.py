"""What is allowed but unwise in an account's timetable, in words for the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from whenever import Instant

from syncline.schedule.rule import Rule
from syncline.schedule.timetable import slots_between


@dataclass(frozen=True)
class MoreOften:
    """`sync_type` should run more often than `than`, because `reason`."""

    sync_type: str
    than: str
    reason: str


MORE_OFTEN = (
    MoreOften(
        "lists_in",
        "lists_out",
        "Address books to Dynamics should run more often than Two-way marketing list sync, "
        "so that what changed in Dotdigital reaches Dynamics before lists are sent back.",
    ),
)


def warnings_for(rules: Mapping[str, Rule], now: Instant) -> list[str]:
    """The warnings for a whole timetable, sync type → rule. A pair with a manual partner has nothing to
    compare."""
    found = []
    for advice in MORE_OFTEN:
        first, second = rules.get(advice.sync_type), rules.get(advice.than)
        if first is None or second is None:
            continue
        often, less = _runs_in_a_fortnight(first, now), _runs_in_a_fortnight(second, now)
        if less and often <= less:
            found.append(advice.reason)
    return found


def _runs_in_a_fortnight(rule: Rule, now: Instant) -> int:
    return sum(1 for _ in slots_between(rule, now, now.add(hours=14 * 24)))
