"""Two managers at one form: whoever saves second is told by whom and when, and keeps what they typed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from whenever import Instant

from console.campaign_world import make_campaign
from console.form_world import make_form
from console.mapping_world import make_mapping_world, mapping_of
from console.world import basis_at, make_account, make_list, make_user
from syncline.accounts.admin_log import Actor
from syncline.accounts.campaign_levels import CampaignLevel
from syncline.accounts.changing import (
    change_general,
    make_default,
    set_campaign_level,
    set_disabled,
    set_plan_validity,
    set_record_priority,
)
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.accounts.roles import Role
from syncline.campaigns.levels import set_levels
from syncline.campaigns.models import Campaign
from syncline.console import moments
from syncline.console.vendor_calls import dynamics_of
from syncline.forms.mapping import save_form_mapping
from syncline.forms.models import Form as PagesForm
from syncline.ledger.fuse import DEFAULTS, FUSED, Limit, limits_of, set_limit
from syncline.ledger.models import FuseKind
from syncline.lists.changing import change_list, settings_of
from syncline.lists.models import MarketingList
from syncline.mapping.changing import delete_mapping, describe_label, save_mapping
from syncline.mapping.models import Direction, Entity, FieldMapping, Label
from syncline.mapping.wanted import WantedMapping
from syncline.schedule.models import SyncWindow
from syncline.schedule.settings import ScheduleChange, save_schedules, save_window
from syncline.syncs.registry import SYNC_TYPES

BOB = Actor("bob", "10.0.0.2")


@dataclass(frozen=True)
class Form:
    """A form of the account, as a manager fills it in."""

    address: Callable[[EmailAccount], str]
    sent: dict[str, str]
    typed: str
    """How the page shows what was typed."""
    by_bob: Callable[[EmailAccount], object]
    """What Bob saves meanwhile."""
    stored: Callable[[EmailAccount], object]
    bobs: object
    ours: object
    wrong: dict[str, str] = field(default_factory=dict)
    """What cannot be saved."""
    elsewhere: Callable[[EmailAccount], object] = lambda account: set_disabled(account, True, by=BOB)
    """What Bob saves on another page."""


def page(name: str) -> Callable[[EmailAccount], str]:
    return lambda account: reverse(name, args=[account.pk])


def fuses(**changed: str) -> dict[str, str]:
    sent = {"plan_valid_h": "24"}
    for sync_type in FUSED:
        for kind, limit in DEFAULTS.items():
            sent[f"{sync_type}-{kind}-share"] = str(limit.share)
            sent[f"{sync_type}-{kind}-number"] = str(limit.number)
    return sent | changed


def bob_maps(account: EmailAccount) -> None:
    stored = mapping_of(account, "POSTCODE")
    wanted = WantedMapping(
        entity=Entity.CONTACT,
        crm_field=stored.crm_field,
        label="POSTCODE",
        direction=Direction.TO_DYNAMICS,
    )
    save_mapping(account, wanted, by=BOB, replaces=stored)


def bob_schedules(account: EmailAccount) -> None:
    change = ScheduleChange(sync_type="labels", interval="1d")
    save_schedules(account, [change], by=BOB.name, now=Instant.now(), origin=BOB.origin)


def window_of(account: EmailAccount) -> SyncWindow:
    found, _ = SyncWindow.objects.get_or_create(account=account, name="Office", defaults={"hours": "1" * 168})
    return found


def label_of(account: EmailAccount) -> Label:
    return Label.objects.get(account=account, name="POSTCODE")


def list_of(account: EmailAccount) -> MarketingList:
    return MarketingList.objects.filter(account=account).first() or make_list(account, "News")


def campaign_of(account: EmailAccount) -> Campaign:
    return Campaign.objects.filter(account=account).first() or make_campaign(account, "Spring")


def form_of(account: EmailAccount) -> PagesForm:
    return PagesForm.objects.filter(account=account).first() or make_form(account, "Walk")


def bob_orders(account: EmailAccount) -> None:
    """The account is not provisioned, so that its lists' settings are kept here and Dynamics is not asked."""
    found = list_of(account)
    wanted = replace(settings_of(found), sync_order=5)
    with dynamics_of(account) as client:
        change_list(client, account, found, wanted, by=BOB, now=datetime.now(UTC))


FORMS = {
    "administration": Form(
        address=page("administration"),
        sent={"record_priority": "lead,contact,account", "only_open_and_active": "on"},
        typed='<option value="lead,contact,account" selected>',
        by_bob=lambda account: set_record_priority(account, ["account", "lead", "contact"], by=BOB),
        stored=lambda account: account.record_priority,
        bobs="account,lead,contact",
        ours="lead,contact,account",
        wrong={"record_priority": "contact"},
        elsewhere=lambda account: set_plan_validity(account, 5, by=BOB),
    ),
    "campaigns": Form(
        address=page("campaigns"),
        sent={"campaign_level": "detailed"},
        typed='<option value="detailed" selected>',
        by_bob=lambda account: set_campaign_level(account, CampaignLevel.NONE, by=BOB),
        stored=lambda account: account.campaign_level,
        bobs="none",
        ours="detailed",
        wrong={"campaign_level": "all"},
    ),
    "campaign": Form(
        address=lambda account: reverse("campaign", args=[account.pk, campaign_of(account).campaign_id]),
        sent={"level": "detailed"},
        typed='<option value="detailed" selected>',
        by_bob=lambda account: set_levels(
            account, [campaign_of(account).campaign_id], CampaignLevel.NONE, by=BOB
        ),
        stored=lambda account: campaign_of(account).level,
        bobs="none",
        ours="detailed",
        wrong={"level": "all"},
    ),
    "form": Form(
        address=lambda account: reverse("form", args=[account.pk, form_of(account).form_id]),
        sent={"creates": "lead"},
        typed='<option value="lead" selected>',
        by_bob=lambda account: save_form_mapping(form_of(account), "contact", [], by=BOB),
        stored=lambda account: form_of(account).creates,
        bobs="contact",
        ours="lead",
        wrong={"creates": "account"},
    ),
    "list": Form(
        address=lambda account: reverse("list", args=[account.pk, list_of(account).pk]),
        sent={"activated": "on", "sync_order": "7", "membership_action": "ignore"},
        typed='value="7"',
        by_bob=bob_orders,
        stored=lambda account: list_of(account).sync_order,
        bobs=5,
        ours=7,
        wrong={"sync_order": "soon"},
    ),
    "label": Form(
        address=lambda account: reverse("label", args=[account.pk, label_of(account).pk]),
        sent={"description": "Ours"},
        typed=">\nOurs</textarea>",
        by_bob=lambda account: describe_label(label_of(account), "Bob's", by=BOB),
        stored=lambda account: label_of(account).description,
        bobs="Bob's",
        ours="Ours",
        wrong={"description": "x" * 2000},
    ),
    "window": Form(
        address=lambda account: reverse("window", args=[account.pk, window_of(account).pk]),
        sent={"name": "Office", "hour": "0"},
        typed='name="hour" value="0" aria-label="Monday 00:00 to 01:00" checked',
        by_bob=lambda account: save_window(
            account, name="Office", hours="01" * 84, by=BOB.name, now=Instant.now(), origin=BOB.origin
        ),
        stored=lambda account: window_of(account).hours,
        bobs="01" * 84,
        ours="1" + "0" * 167,
        wrong={"name": ""},
    ),
    "general": Form(
        address=page("account-general"),
        sent={"name": "Contoso", "description": "Ours", "time_zone": "Europe/London"},
        typed=">\nOurs</textarea>",
        by_bob=lambda account: change_general(account, by=BOB, description="Bob's"),
        stored=lambda account: account.description,
        bobs="Bob's",
        ours="Ours",
        wrong={"name": ""},
    ),
    "safety": Form(
        address=page("safety"),
        sent=fuses(**{"lists_out-removals-number": "7"}),
        typed='name="lists_out-removals-number" value="7"',
        by_bob=lambda account: set_limit(account, "lists_in", FuseKind.REMOVALS, Limit(5, 5), BOB),
        stored=lambda account: (
            limits_of(account, "lists_out")[FuseKind.REMOVALS].number,
            limits_of(account, "lists_in")[FuseKind.REMOVALS].number,
        ),
        bobs=(50, 5),
        ours=(7, 50),
        wrong={"plan_valid_h": "0"},
    ),
    "schedule": Form(
        address=page("schedule"),
        sent={f"interval-{key}": "manual" for key in SYNC_TYPES}
        | {f"window-{key}": "any" for key in SYNC_TYPES}
        | {"interval-labels": "1w"},
        typed='<option value="1w" selected>',
        by_bob=bob_schedules,
        stored=lambda account: account.schedules.get(sync_type="labels").interval,
        bobs="1d",
        ours="1w",
        wrong={"interval-lists_out": "7m"},
    ),
    "mapping": Form(
        address=lambda account: reverse("mapping", args=[account.pk, mapping_of(account, "POSTCODE").pk]),
        sent={"label": "POSTCODE", "direction": "to_dotdigital"},
        typed='value="to_dotdigital" checked',
        by_bob=bob_maps,
        stored=lambda account: mapping_of(account, "POSTCODE").direction,
        bobs="to_dynamics",
        ours="to_dotdigital",
        wrong={"label": ""},
    ),
}


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest, contoso: EmailAccount) -> Form:
    make_mapping_world(contoso)
    return FORMS[request.param]


def test_whoever_saves_second_is_told_and_may_save_all_the_same(
    manager: Client, contoso: EmailAccount, form: Form
) -> None:
    address = form.address(contoso)
    stale = form.sent | basis_at(manager, address)
    form.by_bob(contoso)
    entry = AdminLogEntry.objects.get(actor="bob")

    answer = manager.post(address, stale)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert f"bob changed this on {moments.tell(entry.at, contoso.time_zone).clock}, while you had" in text
    assert form.typed in text
    assert "is-unsaved" in text
    contoso.refresh_from_db()
    assert form.stored(contoso) == form.bobs
    assert AdminLogEntry.objects.latest("pk") == entry

    assert manager.post(address, form.sent | {"basis": answer.context["basis"]}).status_code == 302
    contoso.refresh_from_db()
    assert form.stored(contoso) == form.ours


def test_mending_a_mistake_first_does_not_hide_what_the_other_saved(
    manager: Client, contoso: EmailAccount, form: Form
) -> None:
    address = form.address(contoso)
    stale = form.sent | basis_at(manager, address)
    form.by_bob(contoso)
    answer = manager.post(address, stale | form.wrong)
    if answer.status_code == 422:
        answer = manager.post(address, form.sent | {"basis": answer.context["basis"]})
    assert answer.status_code == 409
    contoso.refresh_from_db()
    assert form.stored(contoso) == form.bobs


def test_what_another_changed_elsewhere_is_in_nobodys_way(
    manager: Client, contoso: EmailAccount, form: Form
) -> None:
    sent = form.sent | basis_at(manager, form.address(contoso))
    form.elsewhere(contoso)
    save_mapping(contoso, WantedMapping(entity=Entity.CONTACT, crm_field="jobtitle", label="TOWN"), by=BOB)
    assert manager.post(form.address(contoso), sent).status_code == 302


def saved_at_once(forms: list[tuple[str, dict[str, str]]]) -> list[int]:
    """The statuses, in their order, of forms that as many managers send at the same moment."""
    ready, statuses = threading.Barrier(len(forms)), list[int]()

    def save(client: Client, address: str, sent: dict[str, str]) -> None:
        ready.wait()
        statuses.append(client.post(address, sent).status_code)
        connections.close_all()

    threads = []
    for number, (address, sent) in enumerate(forms):
        client = Client(headers={"host": "localhost"})
        client.force_login(make_user(f"manager-{number}", Role.MANAGER))
        threads.append(
            threading.Thread(target=save, args=[client, address, sent | basis_at(client, address)])
        )
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(statuses)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_the_same_moment_one_is_told(contoso: EmailAccount, form: Form) -> None:
    if form is FORMS["list"]:
        pytest.skip("A list's settings are Dynamics' to keep, and nobody waits here for what it answers.")
    address = form.address(contoso)
    statuses = saved_at_once([(address, form.sent)] * 2)
    assert statuses == [302, 409]
    contoso.refresh_from_db()
    assert form.stored(contoso) == form.ours


def test_a_mapping_that_was_removed_meanwhile_can_be_saved_as_a_new_one(
    manager: Client, contoso: EmailAccount
) -> None:
    make_mapping_world(contoso)
    stored = mapping_of(contoso, "POSTCODE")
    address = reverse("mapping", args=[contoso.pk, stored.pk])
    shown = manager.get(address).context
    sent = {"label": "POSTCODE", "direction": "to_dotdigital", "basis": shown["basis"], **shown["made_from"]}
    delete_mapping(stored, by=BOB)

    answer = manager.post(address, sent)
    assert answer.status_code == 409
    assert "bob changed this on" in answer.content.decode()
    assert 'value="to_dotdigital" checked' in answer.content.decode()
    again = sent | {"basis": answer.context["basis"]}
    assert manager.post(answer.context["save_to"], again).status_code == 302
    assert mapping_of(contoso, "POSTCODE").direction == Direction.TO_DOTDIGITAL


def test_a_mapping_that_changed_meanwhile_is_not_removed_unseen(
    manager: Client, contoso: EmailAccount
) -> None:
    make_mapping_world(contoso)
    stored = mapping_of(contoso, "POSTCODE")
    basis = basis_at(manager, reverse("mapping", args=[contoso.pk, stored.pk]))
    bob_maps(contoso)
    answer = manager.post(reverse("mapping-delete", args=[contoso.pk, stored.pk]), basis, follow=True)
    assert "bob changed this on" in answer.content.decode()
    assert "It is not removed." in answer.content.decode()
    assert FieldMapping.objects.filter(pk=stored.pk).exists()


def test_the_same_column_is_not_mapped_twice_unseen(manager: Client, contoso: EmailAccount) -> None:
    make_mapping_world(contoso)
    new = reverse("mapping-new", args=[contoso.pk, "contact"], query={"field": "jobtitle"})
    sent = {"label": "GENDER", "direction": "to_dotdigital"} | basis_at(manager, new)
    wanted = WantedMapping(
        entity=Entity.CONTACT, crm_field="jobtitle", label="TOWN", direction=Direction.TO_DOTDIGITAL
    )
    save_mapping(contoso, wanted, by=BOB)
    answer = manager.post(new, sent)
    assert answer.status_code == 409
    assert "bob changed this on" in answer.content.decode()


def test_the_default_mark_that_moved_away_is_not_taken_back_unseen(
    manager: Client, contoso: EmailAccount
) -> None:
    address = reverse("account-general", args=[contoso.pk])
    sent = FORMS["general"].sent | basis_at(manager, address)
    make_default(make_account("Fabrikam"), by=BOB)
    assert manager.post(address, sent).status_code == 409


@pytest.mark.django_db(transaction=True)
def test_two_accounts_that_become_the_default_at_the_same_moment(contoso: EmailAccount) -> None:
    """One after the other, and neither waits for the other's lock."""
    forms = []
    for name in ("Fabrikam", "Litware"):
        account = make_account(name)
        sent = {"name": name, "time_zone": "Europe/London", "is_default": "on"}
        forms.append((reverse("account-general", args=[account.pk]), sent))
    assert saved_at_once(forms) == [302, 302]
    assert EmailAccount.objects.filter(is_default=True).count() == 1
