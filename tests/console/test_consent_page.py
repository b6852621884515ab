"""Consent: the history of one address on a page, and as a signed file."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.models import EmailAccount
from syncline.consent.ledger import Change, Source, What, record
from syncline.onboarding.erasing import erase
from syncline.syncs.consent_export import verify

DAVE = "dave@contoso.example"
MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def history(contoso: EmailAccount) -> EmailAccount:
    record(
        [
            Change(
                contoso.pk,
                DAVE,
                MONDAY,
                What.EMAIL_STATUS,
                "subscribed",
                "unsubscribed",
                Source.DOTDIGITAL,
                evidence={"contact_id": 4711},
                run_id=12,
            ),
            Change(contoso.pk, DAVE, MONDAY, What.LIST, "", "suppressed", Source.DOTDIGITAL, list_id=999),
        ]
    )
    return contoso


def page(client: Client, account: EmailAccount, address: str = "") -> str:
    return client.get(reverse("consent", args=[account.pk]), {"address": address}).content.decode()


def test_the_page_begins_with_an_address_box(manager: Client, contoso: EmailAccount) -> None:
    assert 'name="address"' in page(manager, contoso)


def test_every_change_is_told_with_what_proves_it(manager: Client, history: EmailAccount) -> None:
    text = page(manager, history, " Dave@Contoso.example ")
    assert "E-mail status in Dotdigital" in text
    assert "<del>subscribed</del> <ins>unsubscribed</ins>" in text
    assert "contact id 4711" in text
    assert "<del>not in it</del> <ins>left by themselves</ins>" in text
    assert "List 999, gone since" in text
    assert text.index("Place in a list") < text.index("E-mail status in Dotdigital"), "newest first"


def test_why_and_the_records_lead_there(manager: Client, history: EmailAccount) -> None:
    text = manager.get(reverse("why", args=[history.pk]), {"address": DAVE}).content.decode()
    assert f"{reverse('consent', args=[history.pk])}?address=dave%40contoso.example" in text


def test_somebody_whose_consent_never_changed(manager: Client, contoso: EmailAccount) -> None:
    text = page(manager, contoso, "carol@contoso.example")
    assert "No change of consent is known of this address." in text
    assert "Signed JSON" not in text


def test_somebody_who_was_erased(manager: Client, history: EmailAccount) -> None:
    erase(DAVE, by=OPERATOR)
    assert "This person was erased." in page(manager, history, DAVE)


@pytest.mark.parametrize("form", ["json", "csv"])
def test_the_file_is_signed(manager: Client, history: EmailAccount, form: str) -> None:
    address = reverse("consent-export", args=[history.pk])
    answer = manager.get(address, {"address": DAVE, "format": form})
    assert answer.headers["Content-Disposition"] == f'attachment; filename="consent.{form}"'
    assert verify(answer.content).is_ours
    assert DAVE in answer.content.decode()


def test_a_file_of_another_kind_is_not_there(manager: Client, history: EmailAccount) -> None:
    address = reverse("consent-export", args=[history.pk])
    assert manager.get(address, {"address": DAVE, "format": "pdf"}).status_code == 404
    assert manager.get(address).status_code == 302
