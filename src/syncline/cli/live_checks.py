"""The doctor's findings as lines on the screen, one after the other as they are made."""

from __future__ import annotations

import textwrap
from typing import Any

from rich.markup import escape

from syncline.cli.output import MARKS, Output
from syncline.dataverse import Dataverse
from syncline.doctor import Check, checks
from syncline.dotdigital import Dotdigital
from syncline.remote import Patience

FEW_TRIES = Patience(patience_s=8.0, attempts=3)
"""Somebody is waiting in front of the screen."""

LONGEST_DETAIL = 240
"""For people; programs get it whole."""

SIDES = {"dataverse": "Dynamics", "dotdigital": "Dotdigital", "both": "Both sides"}


def look_over(
    dataverse: Dataverse, dotdigital: Dotdigital, output: Output, *, report: bool, **facts: Any
) -> list[Check]:
    """Run all checks and show each. With `report` each is also a result for programs, with `facts`."""
    found = []
    side = ""
    for check in checks(dataverse, dotdigital):
        if check.side != side:
            side = check.side
            output.say(f"\n[bold]{SIDES[side]}[/bold]")
        show(check, output)
        if report:
            output.result({**facts, **as_facts(check)})
        found.append(check)
    output.say()
    return found


def show(check: Check, output: Output) -> None:
    detail = textwrap.shorten(check.detail, LONGEST_DETAIL, placeholder=" …")
    output.say(f"  {MARKS[check.state]} {escape(check.name)}: {escape(detail)}")
    if check.remedy and check.state in ("fail", "warn"):
        output.say(f"      [dim]→ {escape(check.remedy)}[/dim]")


def as_facts(check: Check) -> dict[str, str]:
    return {
        "side": check.side,
        "check": check.name,
        "state": check.state,
        "detail": check.detail,
        "remedy": check.remedy,
    }
