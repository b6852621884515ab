"""The Data Mappings page: what is listed and offered, and saving, changing and removing a mapping."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from console.mapping_world import make_columns, make_mapping_world, mapping_of
from console.world import SignedIn, basis_at, make_account, make_run
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.accounts.roles import Role
from syncline.ledger.models import Run, RunStatus
from syncline.mapping.models import ConflictRule, CrmField, Direction, FieldMapping, Label


@pytest.fixture
def mapped(contoso: EmailAccount) -> EmailAccount:
    """Contoso with known columns and labels, and its default mappings."""
    make_mapping_world(contoso)
    return contoso


def test_every_column_of_the_table_mapped_ones_first(manager: Client, mapped: EmailAccount) -> None:
    text = _page(manager, mapped)
    for name in ("First Name", "Job Title", "Birthday", "Company Name"):
        assert name in text
    assert text.index("ZIP/Postal Code") < text.index("Birthday")
    assert "firstname · text, up to 50 characters" in text
    assert "fullname · text, up to 160 characters, read only in Dynamics" in text


@pytest.mark.parametrize(
    ("show", "there", "gone"), [("mapped", 4, "Birthday"), ("unmapped", 8, "First Name")]
)
def test_the_list_can_be_narrowed(
    manager: Client, mapped: EmailAccount, show: str, there: int, gone: str
) -> None:
    text = _page(manager, mapped, show=show)
    assert len(_rows(text)) == there
    assert gone not in text


@pytest.mark.parametrize("find", ["zip/post", "address1_postal", "postcode"])
def test_a_column_is_found_by_its_names_and_by_its_label(
    manager: Client, mapped: EmailAccount, find: str
) -> None:
    (row,) = _rows(_page(manager, mapped, find=find))
    assert "POSTCODE" in row


def test_direction_and_rule_are_told_and_no_rule_where_only_one_side_writes(
    manager: Client, mapped: EmailAccount
) -> None:
    (first,) = _rows(_page(manager, mapped, find="FIRSTNAME"))
    assert "Both ways" in first
    assert "Dynamics wins" in first
    (full,) = _rows(_page(manager, mapped, find="FULLNAME"))
    assert "To Dotdigital" in full
    assert "No conflict" in full


def test_each_table_has_its_own_page(manager: Client, mapped: EmailAccount) -> None:
    text = _page(manager, mapped, "account")
    assert "Account Name" in text
    assert "Job Title" not in text
    assert manager.get(reverse("mappings", args=[mapped.pk, "systemuser"])).status_code == 404


def test_when_the_columns_were_read_and_reading_them_anew(manager: Client, mapped: EmailAccount) -> None:
    assert "2026-05-01T10:30:00+01:00" in _page(manager, mapped)
    here = reverse("mappings", args=[mapped.pk, "contact"])
    answer = manager.post(reverse("sync-now", args=[mapped.pk, "crm_metadata"]), {"back": here})
    assert answer.headers["Location"] == here
    assert Run.objects.get().sync_type == "crm_metadata"
    assert "in the queue" in _page(manager, mapped)


def test_while_columns_are_read_the_page_follows(manager: Client, mapped: EmailAccount, now: Any) -> None:
    make_run(mapped, "crm_metadata", status=RunStatus.RUNNING, started_at=now, progress_text="Reading Lead")
    text = _page(manager, mapped)
    assert "Reading Lead" in text
    assert 'hx-trigger="every 3s"' in text
    part = manager.get(reverse("mappings", args=[mapped.pk, "contact"]), headers={"HX-Request": "true"})
    assert b"<html" not in part.content


def test_without_columns_the_page_says_what_to_do(manager: Client, contoso: EmailAccount) -> None:
    assert "The columns of contact are not known yet" in _page(manager, contoso)


def test_a_mapping_that_cannot_be_used_comes_first_with_why_and_what_to_do(
    manager: Client, mapped: EmailAccount
) -> None:
    FieldMapping.objects.create(account=mapped, entity="contact", crm_field="shoesize", label="CHILDREN")
    Label.objects.filter(account=mapped, name="LASTNAME").delete()
    text = _page(manager, mapped)
    assert "2 mappings cannot be used" in text
    first, second = _rows(text)[:2]
    assert "contact has no column shoesize" in first + second
    assert "run Data field labels" in first + second
    page = reverse("mapping", args=[mapped.pk, mapping_of(mapped, "CHILDREN").pk])
    page_text = manager.get(page).content.decode()
    assert "contact has no column shoesize" in page_text
    assert "only removed" in page_text


def test_the_form_offers_only_what_fits(manager: Client, mapped: EmailAccount) -> None:
    form = _form(manager, mapped, "birthdate")
    assert 'value="LASTSUBSCRIBED"' in form
    assert 'value="RENEWAL"' in form
    assert 'value="FIRSTNAME"' not in form
    assert 'value="restrictive"' not in form
    text = _form(manager, mapped, "jobtitle")
    assert 'value="GENDER"' in text
    assert "FIRSTNAME (mapped from firstname)" in text


def test_a_column_that_dynamics_computes_goes_out_only(manager: Client, mapped: EmailAccount) -> None:
    FieldMapping.objects.filter(label="FULLNAME").delete()
    form = _form(manager, mapped, "fullname")
    assert 'value="to_dotdigital" checked' in form
    assert 'value="both"' not in form
    assert "computed or read only in Dynamics" in form


def test_a_column_about_consent_has_one_rule_only(manager: Client, mapped: EmailAccount) -> None:
    form = _form(manager, mapped, "donotphone")
    assert 'value="restrictive" checked' in form
    assert 'value="dynamics"' not in form
    answer = _save_new(manager, mapped, "donotphone", label="NOCALLS", conflict_rule="dotdigital")
    assert answer.status_code == 422
    assert "must not be contacted" in answer.content.decode()


def test_a_label_called_like_the_column_is_suggested(manager: Client, mapped: EmailAccount) -> None:
    FieldMapping.objects.filter(label="LASTNAME").delete()
    assert 'value="LASTNAME" selected' in _form(manager, mapped, "lastname")


def test_saving_a_new_mapping(manager: Client, mapped: EmailAccount) -> None:
    answer = _save_new(
        manager, mapped, "jobtitle", label="GENDER", conflict_rule="newest", blank_overwrites="on"
    )
    assert answer.headers["Location"] == reverse("mappings", args=[mapped.pk, "contact"])
    made = mapping_of(mapped, "GENDER")
    assert (made.crm_field, made.direction, made.conflict_rule) == (
        "jobtitle",
        Direction.BOTH,
        ConflictRule.NEWEST_WINS,
    )
    assert made.blank_overwrites
    entry = AdminLogEntry.objects.get()
    assert (entry.actor, entry.action) == ("manager-person", "mapping added")
    assert entry.after == {"contact GENDER": "jobtitle, Both ways, Newest wins, blank overwrites"}


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"label": ""}, "Choose a label."),
        ({"label": "SHOESIZE"}, "There is no label SHOESIZE"),
        ({"label": "FIRSTNAME"}, "mapped to firstname already"),
        ({"label": "CHILDREN"}, "needs a label of type Text"),
        ({"label": "GENDER", "conflict_rule": "restrictive"}, "is for yes/no fields"),
    ],
)
def test_what_cannot_be_saved_says_why_and_keeps_what_was_chosen(
    manager: Client, mapped: EmailAccount, sent: dict[str, str], words: str
) -> None:
    answer = _save_new(manager, mapped, "jobtitle", **({"blank_overwrites": "on"} | sent))
    assert answer.status_code == 422
    text = answer.content.decode()
    assert words in text
    assert "is-unsaved" in text
    assert 'name="blank_overwrites" checked' in text
    assert not FieldMapping.objects.filter(crm_field="jobtitle").exists()
    assert not AdminLogEntry.objects.exists()


def test_changing_a_mapping_logs_before_and_after(manager: Client, mapped: EmailAccount) -> None:
    stored = mapping_of(mapped, "POSTCODE")
    page = reverse("mapping", args=[mapped.pk, stored.pk])
    assert 'value="POSTCODE" selected' in manager.get(page).content.decode()
    sent = {"label": "POSTCODE", "direction": "to_dotdigital", "conflict_rule": "dynamics"}
    assert manager.post(page, sent | basis_at(manager, page)).status_code == 302
    stored.refresh_from_db()
    assert stored.direction == Direction.TO_DOTDIGITAL
    entry = AdminLogEntry.objects.get()
    assert entry.before == {"contact POSTCODE": "address1_postalcode, Both ways, Dynamics wins"}
    assert entry.after == {"contact POSTCODE": "address1_postalcode, To Dotdigital"}
    assert manager.post(page, sent | basis_at(manager, page)).status_code == 302
    assert AdminLogEntry.objects.count() == 1


def test_removing_a_mapping(manager: Client, mapped: EmailAccount) -> None:
    stored = mapping_of(mapped, "POSTCODE")
    page = manager.get(reverse("mapping", args=[mapped.pk, stored.pk])).content.decode()
    assert "Remove the mapping of ZIP/Postal Code to POSTCODE?" in page
    basis = basis_at(manager, reverse("mapping", args=[mapped.pk, stored.pk]))
    answer = manager.post(reverse("mapping-delete", args=[mapped.pk, stored.pk]), basis)
    assert answer.headers["Location"] == reverse("mappings", args=[mapped.pk, "contact"])
    assert not FieldMapping.objects.filter(pk=stored.pk).exists()
    assert AdminLogEntry.objects.get().action == "mapping removed"


def test_columns_of_a_looked_up_row_are_listed_and_mapped_out_only(
    manager: Client, mapped: EmailAccount
) -> None:
    assert "?through=parentcustomerid&amp;table=account" in _page(manager, mapped)
    text = _page(manager, mapped, through="parentcustomerid", table="account")
    assert "Company Name → City" in text
    assert "Owner" not in text  # A lookup again: one step is all there is.
    there = {"field": "address1_city", "through": "parentcustomerid", "table": "account"}
    form = manager.get(reverse("mapping-new", args=[mapped.pk, "contact"]), there).content.decode()
    assert "row that others share" in form
    assert 'value="both"' not in form
    page = reverse("mapping-new", args=[mapped.pk, "contact"], query=there)
    answer = manager.post(page, {"label": "TOWN", "direction": "to_dotdigital"} | basis_at(manager, page))
    assert answer.status_code == 302
    made = mapping_of(mapped, "TOWN")
    assert (made.through, made.through_table, made.crm_field) == (
        "parentcustomerid",
        "account",
        "address1_city",
    )


def test_an_unknown_column_or_way_is_not_found(manager: Client, mapped: EmailAccount) -> None:
    new = reverse("mapping-new", args=[mapped.pk, "contact"])
    assert manager.get(new, {"field": "shoesize"}).status_code == 404
    assert manager.get(new, {"field": "name", "through": "jobtitle", "table": "account"}).status_code == 404


def test_columns_that_are_not_known_yet_behind_a_lookup(manager: Client, mapped: EmailAccount) -> None:
    CrmField.objects.filter(entity="account").delete()
    text = _page(manager, mapped, through="parentcustomerid", table="account")
    assert "The columns of account are not known yet" in text


@pytest.mark.parametrize("role", [Role.PROFESSIONAL, Role.VIEWER])
def test_others_look_and_change_nothing(signed_in: SignedIn, mapped: EmailAccount, role: Role) -> None:
    text = _page(signed_in(role), mapped)
    assert "First Name" in text
    for words in ("Edit<", "Map<", "Refresh now"):
        assert words not in text


def test_a_mapping_of_another_account_is_out_of_reach(manager: Client, mapped: EmailAccount) -> None:
    fabrikam = make_account("Fabrikam")
    make_columns(fabrikam)
    theirs = FieldMapping.objects.create(
        account=fabrikam, entity="contact", crm_field="jobtitle", label="GENDER"
    )
    for name in ("mapping", "mapping-delete"):
        assert manager.post(reverse(name, args=[mapped.pk, theirs.pk])).status_code == 404
    assert FieldMapping.objects.filter(pk=theirs.pk).exists()


def _page(client: Client, account: EmailAccount, entity: str = "contact", **query: str) -> str:
    return client.get(reverse("mappings", args=[account.pk, entity]), query).content.decode()


def _rows(text: str) -> list[str]:
    return text.split("<tbody")[1].split("<tr ")[1:]


def _form(client: Client, account: EmailAccount, column: str) -> str:
    new = reverse("mapping-new", args=[account.pk, "contact"])
    return client.get(new, {"field": column}).content.decode()


def _save_new(client: Client, account: EmailAccount, column: str, **sent: str) -> Any:
    page = reverse("mapping-new", args=[account.pk, "contact"], query={"field": column})
    fields = {"label": "", "direction": "both", "conflict_rule": "dynamics"}
    return client.post(page, basis_at(client, page) | fields | sent)
