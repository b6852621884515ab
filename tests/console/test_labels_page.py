"""The Email Data Labels tab: what there is, where it is, and making new ones."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from console.mapping_world import make_labels, make_mapping_world
from console.world import SignedIn, basis_at, make_account, make_run
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.accounts.roles import Role
from syncline.ledger.models import Run, RunStatus
from syncline.mapping.models import Label, LabelType


def test_every_label_with_where_it_is_and_where_it_is_used(manager: Client, contoso: EmailAccount) -> None:
    make_mapping_world(contoso)
    rows = _rows(manager, contoso)
    assert set(rows) == set(Label.objects.values_list("name", flat=True))
    assert "In Dotdigital" in rows["FIRSTNAME"]
    assert "2 mappings" in rows["FIRSTNAME"]
    assert "?find=FIRSTNAME" in rows["FIRSTNAME"]
    assert "Waiting for the label sync" in rows["RENEWAL"]
    assert "End of the contract" in rows["RENEWAL"]
    assert "Refused" in rows["VIP"]
    assert "already has a data field VIP of type Text" in rows["VIP"]
    assert "What to do" in rows["VIP"]
    assert "No mapping" in rows["TOWN"]
    assert "Numeric" in rows["CHILDREN"]


def test_a_default_value_of_nought_is_one(manager: Client, contoso: EmailAccount) -> None:
    make_labels(contoso)
    assert '<span class="break">0</span>' in _rows(manager, contoso)["CHILDREN"]


def test_labels_of_another_account_are_not_here(manager: Client, contoso: EmailAccount) -> None:
    make_labels(make_account("Fabrikam"))
    assert "No labels are known yet" in _page(manager, contoso)


@pytest.mark.parametrize("text", ["town", "their COMPANY"])
def test_labels_are_found_by_name_and_by_description(
    manager: Client, contoso: EmailAccount, text: str
) -> None:
    make_labels(contoso)
    assert set(_rows(manager, contoso, find=text)) == {"TOWN"}


def test_a_search_that_finds_nothing_says_so(manager: Client, contoso: EmailAccount) -> None:
    make_labels(contoso)
    assert "No label has “shoe” in its name" in _page(manager, contoso, find="shoe")


def test_the_label_sync_is_started_from_here_and_leads_back(manager: Client, contoso: EmailAccount) -> None:
    here = reverse("labels", args=[contoso.pk])
    answer = manager.post(reverse("sync-now", args=[contoso.pk, "labels"]), {"back": here})
    assert answer.headers["Location"] == here
    assert Run.objects.get().sync_type == "labels"
    assert "in the queue" in _page(manager, contoso)


def test_a_way_back_to_elsewhere_is_not_taken(manager: Client, contoso: EmailAccount) -> None:
    start = reverse("sync-now", args=[contoso.pk, "labels"])
    answer = manager.post(start, {"back": "https://elsewhere.example/"})
    assert answer.headers["Location"] == reverse("schedule", args=[contoso.pk])


def test_a_label_sync_that_failed_is_named(manager: Client, contoso: EmailAccount, now: Any) -> None:
    run = make_run(contoso, "labels", status=RunStatus.FAILED, started_at=now, ended_at=now)
    text = _page(manager, contoso)
    assert reverse("run", args=[contoso.pk, run.key]) in text
    assert "Failed" in text


@pytest.mark.parametrize("role", [Role.PROFESSIONAL, Role.VIEWER])
def test_others_look_and_change_nothing(signed_in: SignedIn, contoso: EmailAccount, role: Role) -> None:
    make_labels(contoso)
    text = _page(signed_in(role), contoso)
    assert "FIRSTNAME" in text
    assert "New label" not in text
    assert "Sync labels now" not in text


def test_a_new_label_is_kept_as_dotdigital_writes_it_and_logged(
    manager: Client, contoso: EmailAccount
) -> None:
    answer = _create(manager, contoso, name="shoe-size", type="Numeric", default_value="42.0")
    assert answer.headers["Location"] == reverse("labels", args=[contoso.pk])
    label = Label.objects.get()
    assert (label.name, label.type, label.default_value) == ("SHOE-SIZE", LabelType.NUMERIC, 42)
    assert (label.private, label.in_dotdigital) == (False, False)
    entry = AdminLogEntry.objects.get()
    assert (entry.actor, entry.action, entry.account) == ("manager-person", "label added", contoso)
    assert "label SHOE-SIZE" in entry.after
    assert "Waiting for the label sync" in _page(manager, contoso)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"name": ""}, "A label needs a name."),
        ({"name": "A" * 21}, "at most 20 are allowed"),
        ({"name": "SHOE SIZE"}, "holds a space"),
        ({"name": "GRÖSSE"}, "“Ö”"),
        ({"name": "Email"}, "is reserved by Dotdigital"),
        ({"name": "town"}, "There is a label TOWN already"),
        ({"type": "Numeric", "default_value": "many"}, "“many” is not a number"),
        ({"type": "Date", "default_value": "tomorrow"}, "“tomorrow” is not a date"),
        ({"type": "Boolean", "default_value": "perhaps"}, "expected yes or no"),
        ({"description": "x" * 501}, "500"),
    ],
)
def test_what_cannot_be_a_label_says_why_and_keeps_what_was_typed(
    manager: Client, contoso: EmailAccount, sent: dict[str, str], words: str
) -> None:
    make_labels(contoso)
    before = Label.objects.count()
    answer = _create(manager, contoso, **({"name": "SHOESIZE", "description": "typed with care"} | sent))
    assert answer.status_code == 422
    text = answer.content.decode()
    assert words in text
    assert sent.get("description", "typed with care") in text
    assert Label.objects.count() == before
    assert not AdminLogEntry.objects.exists()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": ""}, "Up to 20 characters"),
        ({"name": "shoe"}, "Will be called <strong>SHOE</strong>; 16 more characters would fit."),
        ({"name": "shoe size"}, "holds a space"),
        ({"name": "town"}, "There is a label TOWN already"),
        ({"type": "Numeric"}, "A number with a point"),
        ({"type": "Numeric", "default_value": "many"}, "“many” is not a number"),
    ],
)
def test_help_comes_while_typing(
    manager: Client, contoso: EmailAccount, typed: dict[str, str], words: str
) -> None:
    make_labels(contoso)
    text = manager.get(reverse("label-check", args=[contoso.pk]), typed).content.decode()
    assert words in text


def test_the_description_of_a_label_can_be_changed_and_is_logged(
    manager: Client, contoso: EmailAccount
) -> None:
    town = make_labels(contoso)["TOWN"]
    page = reverse("label", args=[contoso.pk, town.pk])
    assert "Where their company is" in manager.get(page).content.decode()
    assert _describe(manager, page, " Their company's town ").status_code == 302
    town.refresh_from_db()
    assert town.description == "Their company's town"
    entry = AdminLogEntry.objects.get()
    assert entry.before == {"label TOWN": "Where their company is"}
    assert entry.after == {"label TOWN": "Their company's town"}
    _describe(manager, page, "Their company's town")
    assert AdminLogEntry.objects.count() == 1


def test_a_label_that_never_reached_dotdigital_can_be_removed(manager: Client, contoso: EmailAccount) -> None:
    vip = make_labels(contoso)["VIP"]
    assert manager.post(reverse("label-delete", args=[contoso.pk, vip.pk])).status_code == 302
    assert not Label.objects.filter(name="VIP").exists()
    assert AdminLogEntry.objects.get().action == "label removed"


def test_a_data_field_of_dotdigital_is_not_removed_here(manager: Client, contoso: EmailAccount) -> None:
    town = make_labels(contoso)["TOWN"]
    answer = manager.post(reverse("label-delete", args=[contoso.pk, town.pk]), follow=True)
    assert "Delete it there" in answer.content.decode()
    assert Label.objects.filter(name="TOWN").exists()


def test_a_label_in_use_is_not_removed(manager: Client, contoso: EmailAccount) -> None:
    labels = make_mapping_world(contoso)
    Label.objects.filter(name="POSTCODE").update(in_dotdigital=False)
    answer = manager.post(reverse("label-delete", args=[contoso.pk, labels["POSTCODE"].pk]), follow=True)
    assert "Remove those mappings first" in answer.content.decode()
    assert Label.objects.filter(name="POSTCODE").exists()


def test_a_label_of_another_account_is_out_of_reach(manager: Client, contoso: EmailAccount) -> None:
    theirs = make_labels(make_account("Fabrikam"))["VIP"]
    for name in ("label", "label-delete"):
        assert manager.post(reverse(name, args=[contoso.pk, theirs.pk])).status_code == 404
    assert Label.objects.filter(pk=theirs.pk).exists()


def _page(client: Client, account: EmailAccount, **query: str) -> str:
    return client.get(reverse("labels", args=[account.pk]), query).content.decode()


def _rows(client: Client, account: EmailAccount, **query: str) -> dict[str, str]:
    """The rows of the table by the label's name."""
    rows = _page(client, account, **query).split('<tr role="row">')[2:]
    return {row.split('class="row-title"')[1].split(">")[1].split("<")[0]: row for row in rows}


def _create(client: Client, account: EmailAccount, **sent: str) -> Any:
    fields = {"name": "SHOESIZE", "type": "String", "default_value": "", "description": ""}
    return client.post(reverse("label-new", args=[account.pk]), fields | sent)


def _describe(client: Client, page: str, description: str) -> Any:
    return client.post(page, {"description": description} | basis_at(client, page))
