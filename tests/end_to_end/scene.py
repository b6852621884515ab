"""A believable installation for the browser tests and the pictures in the docs."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from whenever import Instant

from console.campaign_world import make_campaigns
from console.form_world import make_forms
from console.insight_world import make_insight_tables
from console.mapping_world import make_mapping_world, make_people
from console.web_world import make_visits
from console.world import Past, make_account, make_held, make_list, make_past, make_plan, make_run, make_user
from syncline.accounts.models import EmailAccount, User
from syncline.accounts.roles import Role
from syncline.campaigns.models import Campaign
from syncline.consent.ledger import Change, Source, What, record
from syncline.consent.models import Suppression
from syncline.engine.models import Worker
from syncline.forms.models import Form
from syncline.insight.models import InsightTable
from syncline.ledger.models import Approval, Purpose, Run, RunStatus, Trigger
from syncline.lists.in_dynamics import GONE
from syncline.lists.models import MarketingList, MembershipAction
from syncline.people import store
from syncline.people.facts import CrmFlag
from syncline.schedule.models import SyncWindow
from syncline.schedule.settings import ScheduleChange, save_schedules

NIGHTS = "".join("1" if hour < 6 or hour >= 20 else "0" for _ in range(7) for hour in range(24))


@dataclass(frozen=True)
class Scene:
    alice: User
    contoso: EmailAccount
    past: Past
    running: Run
    plan: Run
    """Of a list sync, waiting for approval."""
    spring: Campaign
    """Sent, synced in detail, and with all that a page can tell of one."""
    failed: Campaign
    """One of whose sets of data did not come through."""
    draft: Campaign
    walk: Form
    """A form that was answered, and whose answers go into columns."""
    deals: InsightTable
    """A table that goes into insight data."""
    tripped: Run
    """A sync that the fuse stopped."""


def make_scene() -> Scene:
    """Alice, who manages; Contoso with a past and a sync under way; two further accounts."""
    now = datetime.now(UTC).replace(microsecond=0)
    alice = make_user("alice", Role.MANAGER, first_name="Alice", last_name="Ashdown")
    contoso = make_account("Contoso", is_default=True, description="Newsletter and event invitations, Europe")
    fabrikam = make_account(
        "Fabrikam", description="Spare parts and service", dotdigital_url="https://r2-api.dotdigital.com"
    )
    make_account("Adventure Works", disabled=True, dotdigital_url="https://r3-api.dotdigital.com")
    window = SyncWindow.objects.create(account=contoso, name="Every night", hours=NIGHTS)
    save_schedules(
        contoso,
        [
            ScheduleChange(sync_type="lists_out", interval="4h", window="weekdays_18_8"),
            ScheduleChange(sync_type="labels", interval="1d", window="specific", specific_time=time(6, 30)),
            ScheduleChange(
                sync_type="crm_metadata", interval="8h", window="custom", custom_window_id=window.pk
            ),
        ],
        by="alice",
        now=Instant.now(),
    )
    make_mapping_world(contoso)
    make_people(contoso)
    _earlier_runs(contoso, fabrikam, now)
    # A worker with its sign of life an hour ahead, so that it stays alive while pages are looked at.
    Worker.objects.create(
        executor_id="worker-1", pid=1, host="here", started_at=now, heartbeat_at=now + timedelta(hours=1)
    )
    plan, tripped = _plans(contoso, now)
    past = make_past(contoso, now - timedelta(hours=2))
    _held(contoso, past)
    _lists(contoso, past, now)
    _suppressions(contoso, now)
    make_visits(contoso)
    campaigns = make_campaigns(contoso, now)
    running = make_run(
        contoso,
        "lists_out",
        status=RunStatus.RUNNING,
        trigger=Trigger.SCHEDULED,
        started_at=now - timedelta(seconds=40),
        progress_done=61_440,
        progress_total=100_000,
        progress_text="Sending Newsletter",
    )
    return Scene(
        alice,
        contoso,
        past,
        running,
        plan,
        *campaigns,
        make_forms(contoso),
        make_insight_tables(contoso),
        tripped,
    )


def _plans(contoso: EmailAccount, now: datetime) -> tuple[Run, Run]:
    """One of each that the Plans page knows; the two returned wait for somebody's answer."""
    make_plan(contoso, now - timedelta(days=4), requested_by="carol", approval=Approval.DISCARDED,
              approval_by="alice", approval_at=now - timedelta(days=4))  # fmt: skip
    make_plan(contoso, now - timedelta(days=3), purpose=Purpose.DRIFT)
    approved = make_plan(
        contoso,
        now - timedelta(hours=20),
        approval=Approval.APPROVED,
        approval_by="alice",
        approval_at=now - timedelta(hours=19),
    )
    make_run(
        contoso,
        purpose=Purpose.EXECUTE,
        subject=approved,
        trigger=Trigger.MANUAL,
        requested_by="alice",
        started_at=now - timedelta(hours=19),
        ended_at=now - timedelta(hours=19) + timedelta(seconds=9),
        read=4,
        created=1,
        updated=2,
        skipped=1,
    )
    tripped = make_plan(
        contoso,
        now - timedelta(minutes=50),
        sync_type="lists_in",
        trigger=Trigger.SCHEDULED,
        requested_by="",
        status=RunStatus.WAITING,
        fuse=[
            "Would take 900 of 1,000 people out of Events in Zürich; the fuse is set to 20 % and 50 people."
        ],
    )
    return make_plan(contoso, now - timedelta(minutes=25)), tripped


def _lists(contoso: EmailAccount, past: Past, now: datetime) -> None:
    """Beside the two of the past: every kind and state that the Marketing Lists page knows."""
    MarketingList.objects.filter(pk=past.newsletter.reference).update(
        audience={"members": 12_480, "targets": 11_902, "unsubscribed": 311, "no_address": 148,
                  "do_not_email": 87, "inactive": 22, "shared": 10},
        last_synced_at=now - timedelta(hours=2),
        last_result="12,480 read: 41 created, 8 updated, 3 rejected",
        address_book_id=1_240_117,
        membership_action=MembershipAction.ALLOW_NEW,
        sync_order=10,
    )  # fmt: skip
    MarketingList.objects.filter(pk=past.events.reference).update(
        audience={"members": 640, "targets": 640}, last_synced_at=now - timedelta(hours=2),
        last_result="640 read: nothing new", address_book_id=1_240_118, manual_only=True,
    )  # fmt: skip
    make_list(contoso, "Trade fair visitors with a name that goes on and on", entity="lead", dynamic=True)
    make_list(
        contoso,
        "Test",
        problem="“Test” is a name that Dotdigital reserves. Rename the marketing list.",
        last_synced_at=now - timedelta(hours=2),
        membership_action=MembershipAction.REMOVE,
    )
    make_list(contoso, "Suppliers", entity="account", activated=False)
    make_list(contoso, "Christmas 2019", active=False, problem=GONE)
    _dave(contoso, past)


def _dave(contoso: EmailAccount, past: Past) -> None:
    """Known on both sides, a member of two lists, and unsubscribed."""
    dave, dave_id = "dave@contoso.example", "0b0a1c2e-0000-4000-8000-00000000da7e"
    flags = CrmFlag.DO_NOT_EMAIL
    store.save_crm_records([(contoso.pk, "contact", dave_id, dave, "Dave Hall", flags, "{}", "", 1)])
    store.save_persons([(contoso.pk, dave, 4711, "", "unsubscribed", "{}", "{}")])
    store.save_places([(past.newsletter.reference or 0, "erin@contoso.example", "suppressed", True, 1)])
    for part in (past.newsletter, past.events):
        store.save_members(part.reference or 0, [dave_id], 1)
    make_held(contoso, dave, run=past.run)
    _consent_of_dave(contoso, past, dave, dave_id)


def _consent_of_dave(contoso: EmailAccount, past: Past, dave: str, dave_id: str) -> None:
    at = past.run.started_at or past.run.queued_at
    told: list[tuple[What, str, str, Source, dict[str, Any]]] = [
        (What.OPT_IN, "single", "double", Source.DOTDIGITAL, {"contact_id": 4711}),
        (What.EMAIL_STATUS, "subscribed", "unsubscribed", Source.DOTDIGITAL, {"contact_id": 4711}),
        (What.LIST, "subscribed", "suppressed", Source.DOTDIGITAL, {"contact_id": 4711}),
        (What.DO_NOT_EMAIL, "no", "yes", Source.DYNAMICS, {"entity": "contact", "record_id": dave_id}),
    ]
    record(
        Change(
            contoso.pk,
            dave,
            at - timedelta(days=30 * (len(told) - number)),
            what,
            before,
            after,
            source,
            list_id=past.newsletter.reference if what == What.LIST else None,
            evidence=evidence,
            run_id=past.run.pk,
        )
        for number, (what, before, after, source, evidence) in enumerate(told)
    )


def _suppressions(contoso: EmailAccount, now: datetime) -> None:
    for number, (name, reason, by, note) in enumerate(
        (
            ("dave", "unsubscribed", "", ""),
            ("erin", "hardBounced", "", ""),
            ("frank", "ispComplained", "", "Told us so by telephone as well."),
            ("heidi", "asked", "alice", "Asked by letter of 3 May."),
            ("a-very-long-first-name.and-a-longer-last-name", "domainSuppression", "", ""),
        )
    ):
        Suppression.objects.create(
            account_id=contoso.pk,
            person_key=f"{name}@contoso.example",
            reason=reason,
            since=now - timedelta(days=3 * number, hours=number),
            asked_by=by,
            note=note,
        )


def _held(contoso: EmailAccount, past: Past) -> None:
    for name in ("poison", "grace.o'malley", "a-very-long-first-name.and-a-longer-last-name"):
        make_held(contoso, f"{name}@contoso.example", run=past.run)
    make_held(
        contoso,
        "heidi@contoso.example",
        "list_closed",
        detail="The list “Events in Zürich” is locked.",
        vendor_code="0x80048d20",
        run=past.run,
    )


def _earlier_runs(contoso: EmailAccount, fabrikam: EmailAccount, now: datetime) -> None:
    make_run(
        contoso,
        "labels",
        status=RunStatus.FAILED,
        started_at=now - timedelta(days=3, hours=1),
        ended_at=now - timedelta(days=3, hours=1) + timedelta(seconds=2),
        message_code="datafield_invalid",
        message="ERROR_DATAFIELD_INVALID - Failed to sync dataLabel FAVOURITE_COLOUR to Dotdigital",
        read=14,
        unchanged=13,
        rejected=1,
    )
    for days, code in ((2, ""), (1, "nothing_new")):
        start = now - timedelta(days=days, minutes=12)
        counts = {"read": 100_000, "created": 1_204, "updated": 8_311, "unchanged": 90_002, "skipped": 483}
        make_run(
            contoso,
            started_at=start,
            ended_at=start + timedelta(minutes=3, seconds=20),
            message_code=code,
            message="No new objects to sync" if code else "",
            **({} if code else counts),
        )
        make_run(
            contoso,
            "labels",
            started_at=start + timedelta(hours=1),
            ended_at=start + timedelta(hours=1, seconds=1),
            read=14,
            unchanged=14,
        )
        make_run(
            contoso,
            "crm_metadata",
            started_at=start - timedelta(hours=4),
            ended_at=start - timedelta(hours=4) + timedelta(seconds=6),
            read=412,
            updated=3,
            unchanged=409,
        )
    make_run(
        fabrikam,
        status=RunStatus.FAILED,
        started_at=now - timedelta(minutes=25),
        ended_at=now - timedelta(minutes=24),
        message_code="misconfigured",
        message="Dotdigital refused the API user of Fabrikam: wrong user name or password",
        remedy="Ask for the API user's password and run: syncline account edit Fabrikam",
    )
