"""Builds what the console shows: accounts, users, runs with lists and records; for the browser tests too."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.test import Client

from syncline.accounts.models import EmailAccount, User
from syncline.accounts.roles import Role
from syncline.ledger.models import Approval, Held, Outcome, Run, RunPart, RunStatus, Trigger
from syncline.lists.models import MarketingList

SignedIn = Callable[[Role], Client]

PASSWORD = "a-long-enough-password"
NEW_NAME = {"FIRSTNAME": (None, "Alice")}
CHANGED_NAME = {"LASTNAME": ("Bobb", "Bobson")}
RESULTS = ("created", "updated", "removed", "unchanged", "skipped", "rejected")


def basis_at(client: Client, address: str) -> dict[str, str]:
    """The mark that the form at this address carries, as a browser sends it back."""
    return {"basis": client.get(address).context["basis"]}


def make_user(name: str, role: Role, **more: Any) -> User:
    return User.objects.create_user(name, password=PASSWORD, role=role, **more)


def make_account(name: str, **more: Any) -> EmailAccount:
    fields: dict[str, Any] = {
        "name": name,
        "owner": f"owner@{name.lower().replace(' ', '-')}.example",
        "time_zone": "Europe/London",
        "dataverse_url": "https://contoso.crm4.dynamics.com",
        "tenant_id": "tenant",
        "client_id": "client",
        "dotdigital_url": "https://r1-api.dotdigital.com",
        "dotdigital_user": "apiuser",
    }
    account = EmailAccount(**(fields | more))
    account.client_secret = "not a real secret"
    account.dotdigital_password = "not a real password"
    account.save()
    return account


def make_run(account: EmailAccount, sync_type: str = "lists_out", **more: Any) -> Run:
    lane = "rows" if sync_type == "crm_metadata" else "people"
    fields: dict[str, Any] = {"lane": lane, "trigger": Trigger.SCHEDULED, "status": RunStatus.COMPLETED}
    return Run.objects.create(account=account, sync_type=sync_type, **(fields | more))


def make_outcome(run: Run, part: RunPart | None, address: str, result: str, **more: Any) -> Outcome:
    """One record. `fields` is given as a mapping of field → (old, new)."""
    fields = json.dumps(more.pop("fields", {}))
    rest: dict[str, Any] = {
        "name": address.partition("@")[0].title(),
        "entity": "contact",
        "record_id": "0b0a1c2e-0000-4000-8000-000000000001",
        "side": "dotdigital",
        "action": "none",
        "reason": "",
        "detail": "",
        "vendor_code": "",
        "at": run.started_at,
    }
    return Outcome.objects.create(
        run=run, part=part, person_key=address, result=result, fields=fields, **(rest | more)
    )


def make_held(
    account: EmailAccount, address: str, reason: str = "refused_by_dotdigital", **more: Any
) -> Held:
    fields: dict[str, Any] = {
        "sync_type": "lists_out",
        "entity": "contact",
        "record_id": "0b0a1c2e-0000-4000-8000-000000000001",
        "detail": "The postcode is too long.",
        "vendor_code": "ERROR_INVALID_VALUE",
    }
    return Held.objects.create(account=account, person_key=address, reason=reason, **(fields | more))


def make_list(account: EmailAccount, name: str, **more: Any) -> MarketingList:
    fields: dict[str, Any] = {"list_id": str(uuid4()), "entity": "contact", "activated": True}
    return MarketingList.objects.create(account=account, name=name, **(fields | more))


@dataclass(frozen=True)
class Past:
    """One finished run with everything in it."""

    run: Run
    newsletter: RunPart
    events: RunPart
    outcomes: list[Outcome]


def make_past(account: EmailAccount, at: datetime) -> Past:
    run = make_run(
        account,
        status=RunStatus.COMPLETED_WITH_ERRORS,
        trigger=Trigger.MANUAL,
        requested_by="alice",
        started_at=at,
        ended_at=at + timedelta(seconds=83),
        message_code="some_rejected",
        message="1 of 5 records was not accepted",
    )
    newsletter = _part(account, run, "Newsletter", 1, RunStatus.COMPLETED_WITH_ERRORS)
    newsletter.notes = "Made the Dotdigital list Newsletter.\nDave was left out: he is suppressed."
    newsletter.save()
    events = _part(account, run, "Events in Zürich", 2, RunStatus.COMPLETED)
    outcomes = [
        make_outcome(run, newsletter, "alice@contoso.example", "created", fields=NEW_NAME),
        make_outcome(run, newsletter, "bob@contoso.example", "updated", fields=CHANGED_NAME),
        make_outcome(run, newsletter, "dave@contoso.example", "skipped", reason="suppressed"),
        make_outcome(
            run,
            newsletter,
            "poison@contoso.example",
            "rejected",
            reason="refused_by_dotdigital",
            detail="The postcode is too long.",
            vendor_code="ERROR_INVALID_VALUE",
        ),
        make_outcome(run, events, "carol@contoso.example", "unchanged"),
    ]
    for counted in (run, newsletter, events):
        count_up(counted)
    return Past(run, newsletter, events, outcomes)


def make_plan(account: EmailAccount, at: datetime | None = None, **more: Any) -> Run:
    """A finished plan of a list sync that waits for approval: Newsletter, both ways, with a conflict."""
    ended = (at or datetime.now(UTC)).replace(microsecond=0)
    fields: dict[str, Any] = {
        "trigger": Trigger.MANUAL,
        "requested_by": "alice",
        "plan_only": True,
        "approval": Approval.WAITING,
        "started_at": ended - timedelta(seconds=7),
        "ended_at": ended,
    }
    plan = make_run(account, **(fields | more))
    out = _part(account, plan, "Newsletter", 1, RunStatus.COMPLETED)
    back = RunPart.objects.create(
        run=plan,
        audit_type="MarketingListsDataIn",
        name=out.name,
        reference=out.reference,
        status=RunStatus.COMPLETED,
    )
    events = _part(account, plan, "Events in Zürich", 2, RunStatus.COMPLETED)
    for part, address, action, rest in _planned(out, back, events):
        result = rest.pop("result", "planned")
        make_outcome(plan, part, address, result, action=action, **rest)
        counted = {"create": "created", "update": "updated", "remove": "removed"}.get(action, result)
        for one in (plan, part):
            setattr(one, counted, getattr(one, counted) + 1)
            one.read += 1
    for one in (plan, out, back, events):
        one.save()
    return plan


def _planned(out: RunPart, back: RunPart, events: RunPart) -> list[tuple[RunPart, str, str, dict[str, Any]]]:
    """Records of a plan: list, address, action, and what else there is to say."""
    lost = json.dumps({"LASTNAME": ["dotdigital", "Bobbington"]})
    left = {"membership": "left", "reason": "left_marketing_list"}
    return [
        (out, "alice@contoso.example", "create", {"fields": NEW_NAME, "membership": "joined"}),
        (out, "bob@contoso.example", "update", {"fields": CHANGED_NAME, "lost": lost}),
        (back, "carol@contoso.example", "update", {"fields": NEW_NAME, "side": "dynamics"}),
        (out, "dave@contoso.example", "none", {"result": "skipped", "reason": "suppressed"}),
        (events, "erin@contoso.example", "remove", left),
        (events, "frank@contoso.example", "none", {"result": "unchanged"}),
        (
            events,
            "poison@contoso.example",
            "none",
            {"result": "rejected", "reason": "conversion", "detail": "The birthday 31.02.1990 is no date."},
        ),
    ]


def count_up(counted: Run | RunPart) -> None:
    """Set the counts to what the outcomes say."""
    results = list(counted.outcomes.values_list("result", flat=True))
    for result in RESULTS:
        setattr(counted, result, results.count(result))
    counted.read = len(results)
    counted.save()


def _part(account: EmailAccount, run: Run, name: str, number: int, status: RunStatus) -> RunPart:
    listed, _ = MarketingList.objects.get_or_create(
        account=account,
        name=name,
        defaults={
            "list_id": f"0b0a1c2e-0000-4000-8000-{run.pk:06}{number:06}",
            "entity": "contact",
            "activated": True,
        },
    )
    return RunPart.objects.create(
        run=run, audit_type="MarketingListsDataOut", name=name, reference=listed.pk, status=status
    )
