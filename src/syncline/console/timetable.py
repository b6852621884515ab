"""The timetable preview: the next 20 runs of a row as chosen, saved or not, and what was missed lately."""

from dataclasses import dataclass
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from whenever import Instant, ZonedDateTime

from syncline.accounts.models import EmailAccount
from syncline.console.rights import Right, needs
from syncline.console.schedule_form import change_in
from syncline.console.sync_types import sync_type_or_404
from syncline.schedule.gaps import MISSED_WORDS, Missed
from syncline.schedule.models import MissedSlot
from syncline.schedule.problems import InvalidScheduleError
from syncline.schedule.settings import rule_for
from syncline.schedule.timetable import preview

MISSED_SHOWN = 10


@dataclass(frozen=True)
class Day:
    """One local day of the preview with its runs."""

    name: str
    iso: str
    times: list[ZonedDateTime]


@needs(Right.SEE)
def timetable(request: HttpRequest, account_id: int, sync_type: str) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    kind = sync_type_or_404(sync_type)
    context = {"account": account, "kind": kind, "missed": missed_lately(account, kind.key)}
    try:
        rule = rule_for(account, change_in(request.GET, kind.key))
    except InvalidScheduleError as problem:
        return render(request, "console/account/timetable.html", {**context, "problem": problem})
    runs = [instant.to_tz(account.time_zone) for instant in preview(rule, Instant.now())]
    context |= {
        "rule": rule,
        "days": by_day(runs),
        "count": len(runs),
        "clock_changes": len({run.offset for run in runs}) > 1,
    }
    return render(request, "console/account/timetable.html", context)


def by_day(runs: list[ZonedDateTime]) -> list[Day]:
    return [
        Day(f"{date.to_stdlib():%A} {date.day} {date.to_stdlib():%B}", str(date), list(times))
        for date, times in groupby(runs, key=lambda run: run.date())
    ]


def missed_lately(account: EmailAccount, sync_type: str) -> list[tuple[MissedSlot, str]]:
    """The last slots that passed without a run, each with the reason in words."""
    slots = MissedSlot.objects.filter(schedule__account=account, schedule__sync_type=sync_type)[:MISSED_SHOWN]
    return [(slot, _why(slot.reason)) for slot in slots]


def _why(reason: str) -> str:
    try:
        return MISSED_WORDS[Missed(reason)]
    except ValueError:
        return reason.replace("_", " ").capitalize()
