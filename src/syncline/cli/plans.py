"""`syncline plans ACCOUNT`: what was planned, what waits for a person, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from django.utils import timezone
from rich.markup import escape

from syncline.cli.finding import AccountName, find_account
from syncline.cli.output import AsJson, Output
from syncline.cli.watching import as_facts, counts_in_words
from syncline.ledger.models import UNDER_WAY, Approval, Run
from syncline.ledger.plans import valid_until


def register(app: typer.Typer) -> None:
    app.command("plans")(plans)


def plans(
    account_name: AccountName,
    waiting_only: Annotated[
        bool, typer.Option("--waiting", help="Only those that wait for approval.")
    ] = False,
    most: Annotated[int, typer.Option("--most", min=1, help="How many to show, newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List plans, newest first: what each would do, and what somebody said to it."""
    output = Output(as_json)
    account = find_account(account_name)
    found = Run.objects.select_related("account").filter(account=account, plan_only=True).order_by("-pk")
    if waiting_only:
        found = found.filter(approval=Approval.WAITING)
    shown = list(found[:most])
    now = timezone.now()
    for plan in shown:
        output.result({**as_facts(plan), "approval_by": plan.approval_by, "valid_until": valid_until(plan)})
    if not shown:
        output.say("There is no plan. Make one with [bold]syncline plan ACCOUNT TYPE[/bold].")
        return
    output.table(
        ("Plan", "Sync type", "Made", "Would", "Approval", "Why it waits"),
        [
            (plan.pk, plan.sync_type, plan.ended_at, counts_in_words(plan), _approval(plan, now),
             escape(" ".join(plan.fuse)))
            for plan in shown
        ],
        right=("Plan",),
    )  # fmt: skip


def _approval(plan: Run, now: datetime) -> str:
    until = valid_until(plan)
    if plan.status in UNDER_WAY or until is None:
        return "being made"
    match plan.approval:
        case Approval.WAITING if now > until:
            return "too old to be approved"
        case Approval.WAITING:
            return f"waits, until {until:%Y-%m-%d %H:%M} UTC"
        case Approval.NONE:
            return "nothing to approve"
        case _:
            return f"{plan.get_approval_display()} by {plan.approval_by}"
