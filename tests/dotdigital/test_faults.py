"""What goes wrong on the way: repeated where that is harmless, told where it is not."""

from __future__ import annotations

import pytest

from dotdigital.conftest import account_of
from remote.stopped_clock import SandboxClock
from sandbox_process import Control, DotdigitalSandbox
from syncline.dotdigital import (
    Dotdigital,
    FeatureOff,
    ImportRow,
    Misconfigured,
    Patience,
    Permanent,
    Rejected,
    Retryable,
)


@pytest.mark.parametrize("kind", ["cut", "torn_page", "lost_answer", "status"])
def test_a_read_is_tried_again(client: Dotdigital, control: Control, kind: str) -> None:
    control.seed(count=50)
    control.fault(kind, route="GET /contacts/v3", times=2)
    (page,) = client.contacts()
    assert len(page.contacts) == 50


def test_an_import_whose_answer_was_lost_is_sent_again(client: Dotdigital, control: Control) -> None:
    control.fault("lost_answer", route="PUT /contacts/v3/import")
    assert client.import_contacts([ImportRow(email="alice@example.com")])
    assert control.calls("PUT /contacts/v3/import") == 2


def test_a_removal_and_an_unsubscription_whose_answers_were_lost_are_sent_again(
    client: Dotdigital, control: Control
) -> None:
    seeded = control.seed(contacts=[{"email": "alice@example.com", "lists": ["Trail News"]}])
    control.fault("lost_answer", route="POST /v2/address-books/*/contacts/delete")
    control.fault("lost_answer", route="POST /v2/contacts/unsubscribe")
    assert client.remove_from_list(seeded["lists"]["Trail News"], seeded["contacts"])
    client.unsubscribe("alice@example.com")
    assert client.get_contact("alice@example.com").email_status == "unsubscribed"
    assert [fault["struck"] for fault in control.faults()] in ([], [1, 1])


def test_a_create_whose_answer_was_lost_is_not(client: Dotdigital, control: Control) -> None:
    control.fault("lost_answer", route="POST /v2/address-books")
    with pytest.raises(Retryable) as caught:
        client.create_address_book("Trail News")
    assert caught.value.outcome_unknown
    assert control.calls("POST /v2/address-books") == 1
    assert "Trail News" in {book.name for book in client.address_books()}


def test_a_create_that_surely_did_nothing_is_tried_again(client: Dotdigital, control: Control) -> None:
    control.fault("status", route="POST /v2/address-books", status=503)
    assert client.create_address_book("Trail News").id


def test_a_rate_limit_is_waited_out(client: Dotdigital, control: Control, clock: SandboxClock) -> None:
    control.fault("rate_limit", route="GET /v2/data-fields")
    assert client.data_fields()
    assert 0 < sum(clock.slept_s) <= 120


@pytest.mark.parametrize("reset", ["epoch", "seconds"])
def test_a_tier_is_kept_within_and_never_over(
    client: Dotdigital, control: Control, clock: SandboxClock, reset: str
) -> None:
    control.settings(rate_low_per_minute=10, rate_reset=reset)
    for _ in range(25):
        client.data_fields()
    statuses = control.journal()["routes"]["GET /v2/data-fields"]["statuses"]
    # A fifth is left to others, so that no call meets the limit itself.
    assert statuses == {"200": 25}
    assert len(clock.slept_s) >= 2


def test_the_flat_limit_is_longer_than_a_call_waits(
    dotdigital: DotdigitalSandbox, control: Control, clock: SandboxClock
) -> None:
    control.settings(rate_scheme="flat", rate_flat_per_hour=3)
    patience = Patience(patience_s=60)
    with Dotdigital(account_of(dotdigital), clock=clock, patience=patience) as client:
        for _ in range(3):
            client.account_info()
        with pytest.raises(Retryable) as caught:
            client.account_info()
    assert caught.value.after_s == 300
    assert clock.slept_s == []


def test_an_answer_of_200_that_holds_a_message_is_a_refusal(client: Dotdigital, control: Control) -> None:
    body = {"message": "Could not be done: ERROR_ADDRESSBOOK_LIMITEXCEEDED"}
    control.fault("status", route="POST /v2/address-books", status=200, body=body)
    with pytest.raises(Rejected) as caught:
        client.create_address_book("Trail News")
    assert caught.value.code == "ERROR_ADDRESSBOOK_LIMITEXCEEDED"


def test_a_typed_answer_of_200_that_holds_a_message_is_one_too(client: Dotdigital, control: Control) -> None:
    control.fault("status", route="GET /contacts/v3", status=200, body={"message": "ERROR_PARAMETER_INVALID"})
    with pytest.raises(Permanent, match="ERROR_PARAMETER_INVALID"):
        next(client.contacts())


def test_a_feature_that_is_off_is_said_so(client: Dotdigital, control: Control) -> None:
    control.fault(
        "status", route="GET /v2/data-fields", status=403, body={"message": "ERROR_FEATURENOTACTIVE"}
    )
    with pytest.raises(FeatureOff, match="Feature is not activated in Dotdigital"):
        client.data_fields()


def test_a_log_in_that_ends_on_the_way_is_a_setting_to_mend(client: Dotdigital, control: Control) -> None:
    control.fault("expired_token", route="GET /v2/data-fields")
    with pytest.raises(Misconfigured):
        client.data_fields()


def test_names_in_another_case_are_read_all_the_same(client: Dotdigital, control: Control) -> None:
    control.fault(
        "status",
        route="GET /v2/contacts/deletion/*",
        status=200,
        body={"Id": "00000000-0000-0000-0000-000000000001", "Status": "Completed"},
    )
    assert client.deletion_status("00000000-0000-0000-0000-000000000001") == "Completed"


def test_when_patience_ends_the_error_says_what_and_where(
    dotdigital: DotdigitalSandbox, control: Control, clock: SandboxClock
) -> None:
    control.fault("status", route="GET /v2/data-fields", status=503, times=None)
    patience = Patience(attempts=4)
    with (
        Dotdigital(account_of(dotdigital), clock=clock, patience=patience) as client,
        pytest.raises(Retryable) as caught,
    ):
        client.data_fields()
    assert caught.value.message.startswith("GET /v2/data-fields: ")
    assert control.calls("GET /v2/data-fields") == 4
