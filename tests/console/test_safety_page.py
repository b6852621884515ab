"""Safety: the fuses of an account, and for how long a plan may be approved."""

import pytest
from django.test import Client
from django.urls import reverse

from console.world import SignedIn, basis_at
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.accounts.roles import Role
from syncline.ledger.fuse import DEFAULTS, FUSED, Limit, limits_of
from syncline.ledger.models import FuseKind, FuseSetting


@pytest.fixture
def as_it_is(manager: Client, contoso: EmailAccount) -> dict[str, str]:
    """What the page would send if nobody changed anything on a new account."""
    sent = {"plan_valid_h": "24"} | basis_at(manager, _address(contoso))
    for sync_type in FUSED:
        for kind, limit in DEFAULTS.items():
            sent |= {
                f"{sync_type}-{kind}-share": str(limit.share),
                f"{sync_type}-{kind}-number": str(limit.number),
            }
    return sent


def test_the_page_says_in_plain_words_what_would_trip(manager: Client, contoso: EmailAccount) -> None:
    text = _page(manager, contoso)
    for words in (
        "Two-way marketing list sync",
        "People who would be taken out of one list, on either side.",
        "of all people.",
        "This is the default.",
        "A list that suddenly reads empty always trips the fuse,",
        "A share of 100 % is never passed",
    ):
        assert words in text


def test_a_fuse_is_saved_and_logged_and_the_others_stay_at_their_defaults(
    manager: Client, contoso: EmailAccount, as_it_is: dict[str, str]
) -> None:
    sent = as_it_is | {"lists_out-removals-share": "5", "lists_out-removals-number": "10"}
    answer = manager.post(_address(contoso), sent, follow=True)
    assert "Saved. The fuses hold from the next run on." in answer.content.decode()
    assert limits_of(contoso, "lists_out")[FuseKind.REMOVALS] == Limit(5, 10)
    assert limits_of(contoso, "lists_in") == DEFAULTS
    assert FuseSetting.objects.count() == 1
    entry = AdminLogEntry.objects.get(action="fuse changed")
    assert (entry.actor, entry.account) == ("manager-person", contoso)
    assert entry.before == {"lists_out removals": "20 % and 50 people"}
    assert entry.after == {"lists_out removals": "5 % and 10 people"}
    assert "Default: 50 people and 20 %." in answer.content.decode()


def test_how_long_a_plan_holds_is_saved_and_logged(
    manager: Client, contoso: EmailAccount, as_it_is: dict[str, str]
) -> None:
    manager.post(_address(contoso), as_it_is | {"plan_valid_h": "48"})
    contoso.refresh_from_db()
    assert contoso.plan_valid_h == 48
    entry = AdminLogEntry.objects.get(action="plan validity")
    assert (entry.before, entry.after) == ({"plan_valid_h": 24}, {"plan_valid_h": 48})


def test_saving_what_is_there_changes_nothing(
    manager: Client, contoso: EmailAccount, as_it_is: dict[str, str]
) -> None:
    manager.post(_address(contoso), as_it_is)
    assert not FuseSetting.objects.exists()
    assert not AdminLogEntry.objects.filter(account=contoso).exists()


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("lists_out-removals-share", "0", "Per cent: Write a whole number from 1 to 100."),
        ("lists_out-removals-share", "101", "Per cent: Write a whole number from 1 to 100."),
        ("lists_in-overwrites-number", "-1", "People: Write a whole number from 0 to 100,000,000."),
        ("lists_in-overwrites-number", "many", "People: Write a whole number from 0 to 100,000,000."),
        ("plan_valid_h", "0", "Write a whole number from 1 to 720."),
        ("plan_valid_h", "", "Write a whole number from 1 to 720."),
    ],
)
def test_what_cannot_be_is_said_beside_the_field_and_nothing_is_saved(
    manager: Client, contoso: EmailAccount, as_it_is: dict[str, str], field: str, value: str, says: str
) -> None:
    changed = {"lists_out-suppressions-number": "7"}
    answer = manager.post(_address(contoso), as_it_is | changed | {field: value})
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not FuseSetting.objects.exists()


def test_others_read_the_fuses_and_change_nothing(signed_in: SignedIn, contoso: EmailAccount) -> None:
    text = _page(signed_in(Role.VIEWER), contoso)
    assert "Stops at more than 50 people and more than 20 % of the list." in text
    assert "Only an Email Marketing Manager can change these." in text
    assert 'type="number"' not in text


def _page(client: Client, account: EmailAccount) -> str:
    return client.get(_address(account)).content.decode()


def _address(account: EmailAccount) -> str:
    return reverse("safety", args=[account.pk])
