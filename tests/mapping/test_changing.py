"""Making, changing and removing mappings and labels: what is accepted, and how a refusal reads."""

from datetime import UTC, datetime

import pytest

from syncline.accounts.admin_log import Actor
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.mapping.changing import create_label, delete_mapping, save_mapping
from syncline.mapping.models import ConflictRule, CrmField, Direction, Entity, FieldMapping, Label, LabelType
from syncline.mapping.wanted import MappingRefusedError, WantedLabel, WantedMapping

pytestmark = pytest.mark.django_db

MANAGER = Actor("mia", "192.0.2.7")

COLUMNS = {
    "contact": {
        "jobtitle": {"type": "String", "max_length": 100, "display_name": "Job Title"},
        "department": {"type": "String", "max_length": 100, "display_name": "Department"},
        "fullname": {"type": "String", "writable": False, "display_name": "Full Name"},
        "donotphone": {"type": "Boolean", "options": {"0": "Allow", "1": "Do Not Allow"}},
        "new_vip": {"type": "Boolean", "display_name": "VIP"},
        "parentcustomerid": {
            "type": "Customer",
            "targets": ["account", "contact"],
            "display_name": "Company Name",
        },
        "owninguser": {"type": "Lookup", "targets": ["systemuser"], "display_name": "Owning User"},
    },
    "account": {"telephone1": {"type": "String", "display_name": "Main Phone"}},
    "systemuser": {
        "internalemailaddress": {"type": "String", "display_name": "Primary Email"},
        "businessunitid": {"type": "Lookup", "targets": ["businessunit"], "display_name": "Business Unit"},
    },
}


@pytest.fixture
def account():
    account = EmailAccount.objects.create(name="Contoso")
    for table, columns in COLUMNS.items():
        for name, about in columns.items():
            CrmField.objects.create(
                account=account, entity=table, logical_name=name, refreshed_at=datetime.now(UTC), **about
            )
    for name in ("JOBTITLE", "DEPT", "COMPANY_TEL", "OWNER_MAIL"):
        Label.objects.create(account=account, name=name, type=LabelType.TEXT)
    for name in ("NO_CALLS", "VIP"):
        Label.objects.create(account=account, name=name, type=LabelType.YES_NO)
    return account


def wanted(crm_field, label, **about):
    return WantedMapping(entity=Entity.CONTACT, crm_field=crm_field, label=label, **about)


def save(account, crm_field, label, replaces=None, **about):
    return save_mapping(account, wanted(crm_field, label, **about), by=MANAGER, replaces=replaces)


def refused(account, crm_field, label, **about):
    """Field → words of the one problem that there is."""
    with pytest.raises(MappingRefusedError) as refusal:
        save(account, crm_field, label, **about)
    assert not FieldMapping.objects.filter(account=account, label=label, crm_field=crm_field).exists()
    [problem] = refusal.value.problems
    return problem.field, problem.message


def entries():
    return [(entry.action, entry.before, entry.after) for entry in AdminLogEntry.objects.order_by("pk")]


def test_a_mapping_is_made_changed_and_removed_and_each_is_logged(account):
    mapping = save(account, "jobtitle", "jobtitle", conflict_rule=ConflictRule.NEWEST_WINS)
    assert (mapping.label, mapping.conflict_rule) == ("JOBTITLE", ConflictRule.NEWEST_WINS)
    save(account, "jobtitle", "JOBTITLE", replaces=mapping, direction=Direction.TO_DOTDIGITAL)
    save(account, "jobtitle", "JOBTITLE", replaces=mapping, direction=Direction.TO_DOTDIGITAL)
    delete_mapping(mapping, by=MANAGER)
    key = "contact JOBTITLE"
    assert entries() == [
        ("mapping added", {}, {key: "jobtitle, Both ways, Newest wins"}),
        ("mapping changed", {key: "jobtitle, Both ways, Newest wins"}, {key: "jobtitle, To Dotdigital"}),
        ("mapping removed", {key: "jobtitle, To Dotdigital"}, {}),
    ]
    assert not FieldMapping.objects.exists()


def test_a_label_has_one_source_for_each_table(account):
    save(account, "jobtitle", "JOBTITLE")
    field, message = refused(account, "department", "JOBTITLE")
    assert field == "label" and "mapped to jobtitle already" in message


def test_a_column_is_written_from_one_label_only(account):
    save(account, "jobtitle", "JOBTITLE")
    field, message = refused(account, "jobtitle", "DEPT")
    assert field == "crm_field" and "written from the label JOBTITLE already" in message
    save(account, "jobtitle", "DEPT", direction=Direction.TO_DOTDIGITAL)


@pytest.mark.parametrize(
    ("crm_field", "label", "about", "field", "words"),
    [
        ("nosuch", "JOBTITLE", {}, "crm_field", "no column nosuch"),
        ("jobtitle", "NOSUCH", {}, "label", "no label NOSUCH"),
        ("jobtitle", "VIP", {}, "label", "needs a label of type Text"),
        ("fullname", "DEPT", {}, "direction", "read only in Dynamics"),
        (
            "jobtitle",
            "DEPT",
            {"conflict_rule": ConflictRule.MOST_RESTRICTIVE_WINS},
            "conflict_rule",
            "is for yes/no fields",
        ),
        ("donotphone", "NO_CALLS", {}, "conflict_rule", "who must not be contacted"),
        ("telephone1", "DEPT", {"through": "jobtitle"}, "through", "no lookup column jobtitle"),
        ("telephone1", "DEPT", {"through": "parentcustomerid"}, "through_table", "account or contact"),
        (
            "telephone1",
            "DEPT",
            {"through": "parentcustomerid", "through_table": "lead"},
            "through_table",
            "never points at lead",
        ),
        (
            "telephone1",
            "DEPT",
            {"through": "parentcustomerid", "through_table": "account"},
            "direction",
            "others share",
        ),
        (
            "businessunitid",
            "DEPT",
            {"through": "owninguser", "direction": Direction.TO_DOTDIGITAL},
            "label",
            "through one lookup",
        ),
    ],
)
def test_what_cannot_be_mapped_is_told_beside_its_field(account, crm_field, label, about, field, words):
    told, message = refused(account, crm_field, label, **about)
    assert told == field
    assert words in message


def test_consent_columns_are_decided_by_the_more_restrictive_side(account):
    rule = ConflictRule.MOST_RESTRICTIVE_WINS
    assert save(account, "donotphone", "NO_CALLS", conflict_rule=rule).conflict_rule == rule


def test_a_column_of_a_looked_up_row_goes_out_only(account):
    mapping = save(
        account,
        "telephone1",
        "COMPANY_TEL",
        through="parentcustomerid",
        through_table="account",
        direction=Direction.TO_DOTDIGITAL,
    )
    assert (mapping.through, mapping.through_table) == ("parentcustomerid", "account")
    assert entries()[-1][2] == {"contact COMPANY_TEL": "parentcustomerid → account.telephone1, To Dotdigital"}


def test_a_lookup_with_one_table_needs_no_naming_of_it(account):
    mapping = save(
        account,
        "internalemailaddress",
        "OWNER_MAIL",
        through="owninguser",
        direction=Direction.TO_DOTDIGITAL,
    )
    assert mapping.through_table == "systemuser"


def make(account, **about):
    return create_label(account, WantedLabel(**about), by=MANAGER)


def test_a_label_is_made_as_dotdigital_writes_it(account):
    label = make(
        account, name=" renewal ", type=LabelType.DATE, default_value="2024-05-01", description=" x "
    )
    assert (label.name, label.default_value, label.description) == ("RENEWAL", "2024-05-01T00:00:00Z", "x")
    assert not label.in_dotdigital
    assert entries() == [("label added", {}, {"label RENEWAL": "Date, private"})]


def test_defaults_typed_in_as_text_are_stored_in_the_type_of_the_label(account):
    assert make(account, name="SCORE", type=LabelType.NUMERIC, default_value="5").default_value == 5
    assert make(account, name="GOLD", type=LabelType.YES_NO, default_value="yes").default_value is True
    assert make(account, name="NONE", type=LabelType.TEXT, default_value="").default_value is None


@pytest.mark.parametrize(
    ("about", "field"),
    [
        ({"name": "SHOE SIZE", "type": LabelType.TEXT}, "name"),
        ({"name": "email", "type": LabelType.TEXT}, "name"),
        ({"name": "jobtitle", "type": LabelType.TEXT}, "name"),
        ({"name": "SCORE", "type": LabelType.NUMERIC, "default_value": "five"}, "default_value"),
        ({"name": "SCORE", "type": LabelType.NUMERIC, "description": "x" * 501}, "description"),
    ],
)
def test_bad_labels_are_told_what_is_wrong(account, about, field):
    with pytest.raises(MappingRefusedError) as refusal:
        make(account, **about)
    assert [problem.field for problem in refusal.value.problems] == [field]
    assert not AdminLogEntry.objects.exists()
