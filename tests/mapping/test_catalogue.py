"""Mappings, ready to use: which are in use, which are not and why, and when a fingerprint changes."""

from datetime import UTC, datetime

import pytest

from syncline.accounts.models import EmailAccount
from syncline.mapping.catalogue import (
    columns_fingerprint,
    columns_to_select,
    mapping_fingerprint,
    read_catalogue,
)
from syncline.mapping.defaults import DEFAULT_MAPPINGS, create_default_mappings
from syncline.mapping.models import CrmField, Direction, FieldMapping, Label, LabelType

pytestmark = pytest.mark.django_db

COLUMNS = {
    "firstname": {"type": "String", "max_length": 50},
    "lastname": {"type": "String", "max_length": 50},
    "fullname": {"type": "String", "max_length": 160, "writable": False},
    "address1_postalcode": {"type": "String", "max_length": 20},
    "parentcustomerid": {"type": "Customer", "targets": ["account", "contact"]},
    "gendercode": {"type": "Picklist", "options": {"1": "Male", "2": "Female"}},
    "birthdate": {"type": "DateTime", "date_behavior": "DateOnly"},
}


@pytest.fixture
def account():
    account = EmailAccount.objects.create(name="Contoso")
    for name, about in COLUMNS.items():
        CrmField.objects.create(
            account=account, entity="contact", logical_name=name, refreshed_at=datetime.now(UTC), **about
        )
    for name in ("FIRSTNAME", "LASTNAME", "FULLNAME", "POSTCODE", "COMPANY", "GENDER"):
        Label.objects.create(account=account, name=name, type=LabelType.TEXT)
    Label.objects.create(account=account, name="BIRTHDAY", type=LabelType.DATE)
    return account


def add_mapping(account, crm_field, label, **about):
    return FieldMapping.objects.create(
        account=account, entity="contact", crm_field=crm_field, label=label, **about
    )


def test_a_new_account_maps_names_and_postcode(account):
    create_default_mappings(account)
    create_default_mappings(account)
    assert FieldMapping.objects.count() == len(DEFAULT_MAPPINGS)
    mapped = {one.label.name: one for one in read_catalogue(account).mapped["contact"]}
    assert set(mapped) == {"FIRSTNAME", "LASTNAME", "FULLNAME", "POSTCODE"}
    assert mapped["FULLNAME"].direction is Direction.TO_DOTDIGITAL
    assert mapped["FULLNAME"].convert_in is None
    assert mapped["POSTCODE"].convert_out(" N1 9GU ") == "N1 9GU"


def test_default_mappings_leave_a_mapped_label_alone(account):
    kept = add_mapping(account, "lastname", "FIRSTNAME")
    create_default_mappings(account)
    kept.refresh_from_db()
    assert kept.crm_field == "lastname"


def test_mappings_without_their_field_or_label_are_told_apart(account):
    add_mapping(account, "new_gone", "FIRSTNAME")
    add_mapping(account, "lastname", "NOWHERE")
    add_mapping(account, "birthdate", "GENDER")
    add_mapping(account, "fullname", "FULLNAME", direction=Direction.BOTH)
    add_mapping(account, "firstname", "LASTNAME")
    catalogue = read_catalogue(account)
    assert [one.label.name for one in catalogue.mapped["contact"]] == ["LASTNAME"]
    reasons = {one.label: one.reason for one in catalogue.broken}
    assert "no column new_gone" in reasons["FIRSTNAME"]
    assert "run Data field labels" in reasons["NOWHERE"]
    assert "needs a label of type Date" in reasons["GENDER"]
    assert "map it to Dotdigital only" in reasons["FULLNAME"]


def test_lookups_are_selected_by_their_id(account):
    add_mapping(account, "parentcustomerid", "COMPANY", direction=Direction.TO_DOTDIGITAL)
    add_mapping(account, "firstname", "FIRSTNAME")
    add_mapping(account, "firstname", "LASTNAME")
    catalogue = read_catalogue(account)
    assert columns_to_select(catalogue.mapped["contact"]) == ("_parentcustomerid_value", "firstname")
    assert catalogue.columns("lead") == ()


def test_values_that_would_come_back_the_same_agree(account):
    add_mapping(account, "gendercode", "GENDER")
    add_mapping(account, "birthdate", "BIRTHDAY")
    birthday, gender = read_catalogue(account).mapped["contact"]
    assert gender.agrees("Female", "female")
    assert not gender.agrees("Female", "Male")
    assert not gender.agrees("Female", "something else")
    assert not gender.agrees("Female", None)
    assert birthday.agrees("2001-05-06T00:00:00Z", "2001-05-06T23:30:00Z")
    assert not birthday.agrees("2001-05-06T00:00:00Z", "2001-05-07T00:00:00Z")


def test_the_fingerprint_follows_what_decides(account):
    mapping = add_mapping(account, "gendercode", "GENDER")

    def fingerprint():
        return mapping_fingerprint(read_catalogue(account).mapped["contact"])

    before = fingerprint()
    assert fingerprint() == before
    mapping.blank_overwrites = True
    mapping.save()
    after_rule = fingerprint()
    CrmField.objects.filter(logical_name="gendercode").update(options={"1": "Man", "2": "Woman"})
    assert len({before, after_rule, fingerprint()}) == 3


def test_columns_have_a_fingerprint_whatever_their_order():
    assert columns_fingerprint(["a", "b"]) == columns_fingerprint(["b", "a"])
    assert columns_fingerprint(["a", "b"]) != columns_fingerprint(["ab"])


def test_the_catalogue_takes_three_queries(account, django_assert_num_queries):
    create_default_mappings(account)
    with django_assert_num_queries(3):
        read_catalogue(account)
