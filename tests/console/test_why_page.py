"""Why?: every gate in words, with links to what decides it, for the known and the unknown."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from console.world import Past, SignedIn, make_held, make_list
from syncline.accounts.models import EmailAccount
from syncline.accounts.roles import Role
from syncline.consent.models import Suppression
from syncline.lists.models import MarketingList
from syncline.people import store
from syncline.people.facts import CrmFlag
from syncline.people.models import Touched

DAVE_ID = "0b0a1c2e-0000-4000-8000-00000000da7e"
DAVE = "dave@contoso.example"


@pytest.fixture
def unreachable(contoso: EmailAccount) -> EmailAccount:
    """Both vendors are away: nothing listens there."""
    contoso.dataverse_url = contoso.dataverse_authority = contoso.dotdigital_url = "http://127.0.0.1:9"
    contoso.save()
    return contoso


@pytest.fixture
def news(contoso: EmailAccount) -> MarketingList:
    """Dave is a member, and known on both sides."""
    news = make_list(contoso, "News")
    save_dave(contoso)
    store.save_members(news.pk, [DAVE_ID], 1)
    store.save_places([(news.pk, DAVE, "subscribed", True, 1)])
    return news


def save_dave(account: EmailAccount, *, flags: int = 0, status: str = "subscribed") -> None:
    store.save_crm_records([(account.pk, "contact", DAVE_ID, DAVE, "Dave Hall", flags, "{}", "", 1)])
    store.save_persons([(account.pk, DAVE, 4711, "", status, "{}", "{}")])


def test_the_page_begins_with_an_address_box(manager: Client, contoso: EmailAccount) -> None:
    text = manager.get(_address(contoso)).content.decode()
    assert 'name="address"' in text
    assert "Two-way marketing list sync" not in text


def test_somebody_who_is_synced(manager: Client, news: MarketingList) -> None:
    text = _why(manager, news.account, " Dave@Contoso.example ")
    assert "Synced: every gate is open." in text
    assert _shut(text) == []
    assert "Two-way marketing list sync" in text
    assert "Address books to Dynamics" in text
    assert reverse("list", args=[news.account_id, news.pk]) in text
    assert f"main.aspx?pagetype=entityrecord&amp;etn=contact&amp;id={DAVE_ID}" in text


def test_a_shut_gate_has_words_a_remedy_and_the_record_that_decides(
    manager: Client, news: MarketingList
) -> None:
    save_dave(news.account, flags=CrmFlag.DO_NOT_BULK_EMAIL)
    text = _why(manager, news.account, DAVE)
    assert set(_shut(text)) == {"Dynamics allows bulk e-mail"}
    assert "A Dynamics record with this address says Do Not Bulk Email." in text
    gate = text[text.index("gate-shut") :]
    assert f"id={DAVE_ID}" in gate[: gate.index("</li>", gate.index("why-links") + 1)]


def test_a_sync_of_consent_tells_what_it_would_write_and_the_setting_that_stops_a_part(
    manager: Client, news: MarketingList
) -> None:
    account = news.account
    Suppression.objects.create(
        account_id=account.pk, person_key=DAVE, reason="hardBounced", since=datetime(2026, 5, 3, tzinfo=UTC)
    )
    account.keep_crm_suppression_list = False
    account.save()
    text = _why(manager, account, DAVE)
    card = text[text.index('id="sync-suppressions"') : text.index('id="sync-unsubscribers"')]
    assert "Do Not Bulk Email <" in card
    assert "The setting Add Global Unsubscribers to CRM Suppression List is off." in card
    assert reverse("administration", args=[account.pk]) in card
    assert "Contact scoring" in text


def test_an_unsubscriber_is_stopped_in_both_directions(manager: Client, news: MarketingList) -> None:
    save_dave(news.account, status="unsubscribed")
    text = _why(manager, news.account, DAVE)
    assert _shut(text) == ["Dotdigital may mail the contact"] * 2
    assert "Its status there: unsubscribed." in text


def test_an_inactive_record_points_at_record_list_and_setting(manager: Client, news: MarketingList) -> None:
    save_dave(news.account, flags=CrmFlag.INACTIVE)
    text = _why(manager, news.account, DAVE)
    assert "Only open leads and active contacts are synced" in text
    row = text[text.index("Stops here") :]
    for address in (
        reverse("list", args=[news.account_id, news.pk]),
        f"etn=contact&amp;id={DAVE_ID}",
        reverse("account-general", args=[news.account_id]),
    ):
        assert address in row


def test_what_is_held_leads_to_the_held_record_and_its_run(
    manager: Client, news: MarketingList, past: Past
) -> None:
    make_held(news.account, DAVE, run=past.run)
    text = _why(manager, news.account, DAVE)
    assert "Dotdigital did not accept the record." in text
    assert "The postcode is too long." in text
    assert reverse("held", args=[news.account_id]) + "?address=dave%40contoso.example" in text
    assert reverse("run", args=[news.account_id, past.run.key]) in text


def test_what_happened_before_leads_to_the_audit(manager: Client, news: MarketingList, past: Past) -> None:
    part = reverse("part", args=[news.account_id, past.run.key, past.newsletter.pk])
    assert f"{part}?address=dave%40contoso.example" in _why(manager, news.account, DAVE)


def test_somebody_touched_waits_for_the_next_sync(manager: Client, news: MarketingList) -> None:
    Touched.objects.create(account_id=news.account_id, person_key=DAVE)
    assert "the next one looks at this person" in _why(manager, news.account, DAVE)


def test_vendors_that_are_away_leave_what_is_known(manager: Client, unreachable: EmailAccount) -> None:
    text = _why(manager, unreachable, "nobody@contoso.example")
    assert "Dynamics could not be asked" in text
    assert "Dotdigital could not be asked" in text
    assert "What follows is as Syncline knew it." in text
    assert "Cannot be told for certain." in text
    assert "The address is well formed" in text


def test_the_known_are_explained_without_asking_anybody(
    manager: Client, unreachable: EmailAccount, news: MarketingList
) -> None:
    text = _why(manager, unreachable, DAVE)
    assert "could not be asked" not in text
    assert "Synced: every gate is open." in text


def test_what_is_no_address_fails_that_gate(manager: Client, unreachable: EmailAccount) -> None:
    assert "The address is well formed" in _shut(_why(manager, unreachable, "<b>dave"))
    assert "<b>dave" not in _why(manager, unreachable, "<b>dave")


def test_every_record_of_the_audit_and_every_held_one_asks_why(manager: Client, past: Past) -> None:
    account = past.run.account
    make_held(account, DAVE)
    make_held(account, "FAVOURITE_COLOUR", sync_type="labels", entity="", record_id="")
    link = f"{_address(account)}?address=dave%40contoso.example"
    assert link in manager.get(reverse("run", args=[account.pk, past.run.key])).content.decode()
    text = manager.get(reverse("held", args=[account.pk])).content.decode()
    assert link in text
    assert text.count(f"{_address(account)}?address=") == 1


def test_a_viewer_may_ask_why(signed_in: SignedIn, news: MarketingList) -> None:
    assert "every gate is open" in _why(signed_in(Role.VIEWER), news.account, DAVE)


def _address(account: EmailAccount) -> str:
    return reverse("why", args=[account.pk])


def _why(client: Client, account: EmailAccount, address: str) -> str:
    return client.get(_address(account), {"address": address}).content.decode()


def _shut(text: str) -> list[str]:
    """Gates of the list syncs."""
    return re.findall(r"Not passed: </span>([^<]+)</p>", text[: text.index('id="sync-suppressions"')])
