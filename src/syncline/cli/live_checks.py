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


def look_over(dataverse: Dataverse, dotdigital: Dotdigital, output: Output, **facts: Any) -> list[Check]:
    """Run all checks and show each. Each is also a result for programs, with `facts`."""
    found: list[Check] = []
    for check in checks(dataverse, dotdigital):
        if not found or check.side != found[-1].side:
            output.say(f"\n[bold]{SIDES[check.side]}[/bold]")
        show(check, output)
        output.result({**facts, **as_facts(check)})
        found.append(check)
    output.say()
    return found


def look_over_briefly(dataverse: Dataverse, dotdigital: Dotdigital, output: Output) -> list[Check]:
    """Run all checks; show those that found something, and how many passed on each side."""
    found = list(checks(dataverse, dotdigital))
    for side, name in SIDES.items():
        passed = sum(check.side == side and check.state == "ok" for check in found)
        if passed:
            output.say(f"  {MARKS['ok']} {name}: {passed} check{'' if passed == 1 else 's'} passed")
        for check in found:
            if check.side == side and check.state in ("fail", "warn"):
                show(check, output)
    return found


def show(check: Check, output: Output) -> None:
    detail = textwrap.shorten(check.detail, LONGEST_DETAIL, placeholder=" …")
    output.paragraph(f"{escape(check.name)}: {escape(detail)}", mark=MARKS[check.state], indent=2)
    if check.remedy and check.state in ("fail", "warn"):
        output.paragraph(f"[dim]{escape(check.remedy)}[/dim]", mark="[dim]→[/dim]", indent=6)


def as_facts(check: Check) -> dict[str, str]:
    return {
        "side": check.side,
        "check": check.name,
        "state": check.state,
        "detail": check.detail,
        "remedy": check.remedy,
    }
