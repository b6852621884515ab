"""Why nothing ran at some moment of the past: the other half of the timetable preview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from whenever import Instant

from syncline.schedule.rule import Rule
from syncline.schedule.timetable import is_open, next_opening, next_run
from syncline.schedule.windows import SPECIFIC_TIME


class Missed(StrEnum):
    """Why a slot of the timetable passed without a run; the codes of `MissedSlot.reason`."""

    STILL_RUNNING = "still_running"
    STILL_WAITING = "still_waiting"
    WAITING_FOR_APPROVAL = "waiting_for_approval"
    ACCOUNT_DISABLED = "account_disabled"
    ENGINE_DOWN = "engine_down"


MISSED_WORDS: dict[Missed, str] = {
    Missed.STILL_RUNNING: "The previous run was still going.",
    Missed.STILL_WAITING: "The previous run was still waiting in the queue.",
    Missed.WAITING_FOR_APPROVAL: "The fuse had stopped an earlier run, whose plan was waiting for approval.",
    Missed.ACCOUNT_DISABLED: "The account was disabled.",
    Missed.ENGINE_DOWN: "No worker was running. The latest of the missed runs was made up for, "
    "unless its sync window had shut in the meantime.",
}


@dataclass(frozen=True)
class Gap:
    """`code` is one of `Missed`, or `ran`, `no_record`, `manual_only`, `not_started`, `window_shut`,
    `between_runs`."""

    code: str
    words: str


def explain_gap(rule: Rule, at: Instant, *, missed: Mapping[Instant, str], ran: bool = False) -> Gap:
    """Why there was no run at `at`, under the rule as it is now.

    `missed` holds the recorded missed slots of this schedule by their time; `ran` says that a run served
    `at`.
    """
    if ran:
        return Gap("ran", "A run served this slot.")
    if at in missed:
        reason = Missed(missed[at])
        return Gap(reason.value, MISSED_WORDS[reason])
    if rule.interval.every_s is None and not rule.interval.follows_calendar:
        return Gap("manual_only", "The interval is Manual only: it runs when somebody presses Sync Now.")
    following = next_run(rule, at.subtract(nanoseconds=1))
    if following == at:
        return Gap(
            "no_record", "This is a slot of the timetable as it is now, which was different at that time."
        )
    if rule.starts_on is not None and at.to_tz(rule.zone).date() < rule.starts_on:
        return Gap("not_started", f"The timetable begins on {rule.starts_on}.")
    if rule.window != SPECIFIC_TIME and not is_open(rule.window, at, rule.zone):
        opening = next_opening(rule.window, at, rule.zone)
        assert opening is not None
        return Gap(
            "window_shut", f"The window {rule.window.name} was shut. It opened {_clock(opening, rule.zone)}."
        )
    assert following is not None
    return Gap(
        "between_runs", f"This lies between two runs. The next one was {_clock(following, rule.zone)}."
    )


def _clock(instant: Instant, zone: str) -> str:
    return instant.to_tz(zone).to_stdlib().strftime("%A %d %B %Y, %H:%M")
