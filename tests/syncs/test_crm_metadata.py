"""CRM metadata: the columns that can be mapped, as they are in Dynamics today."""

import pytest

from syncline.accounts.adding import add_account
from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.clients import close_clients, dataverse_client
from syncline.accounts.details import AccountDetails
from syncline.dataverse import NewColumn
from syncline.ledger.models import Outcome, RunStatus, Trigger
from syncline.ledger.queue import request_run
from syncline.mapping.catalogue import read_catalogue
from syncline.mapping.conversion import to_dotdigital
from syncline.mapping.defaults import create_default_mappings
from syncline.mapping.models import CrmField, FieldMapping, Label, LabelType
from syncline.mapping.specs import FieldSpec
from syncline.syncs.contract import Done
from syncline.syncs.running import advance

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(dataverse):
    """Joined to Dynamics; nothing of this sync goes to Dotdigital."""
    yield add_account(
        AccountDetails(
            name="Contoso",
            dataverse_url=dataverse.base_url,
            dataverse_authority=dataverse.authority,
            dataverse_ca_file=str(dataverse.ca_file),
            tenant_id=dataverse.tenant_id,
            client_id=dataverse.client_id,
            client_secret=dataverse.client_secret,
            dotdigital_url="http://127.0.0.1:9",
            dotdigital_user="nobody",
            dotdigital_password="nothing",
        ),
        by=OPERATOR,
        allow_loopback=True,
    )
    close_clients()


def sync(account, *, plan_only=False):
    run = request_run(account, "crm_metadata", "rows", Trigger.MANUAL, plan_only=plan_only).run
    for _ in range(100):
        if isinstance(advance(str(run.key)), Done):
            run.refresh_from_db()
            return run
    raise AssertionError(f"The run did not end; it stands at {run.position}")


def field(name, entity="contact"):
    return CrmField.objects.get(entity=entity, logical_name=name)


def add_column(account, schema_name):
    column = NewColumn(schema_name=schema_name, kind="text", label=schema_name, max_length=50)
    dataverse_client(account).create_column("contact", column, solution="Default")


def test_the_columns_of_all_three_tables_become_fields(account):
    run = sync(account)
    assert run.status == RunStatus.COMPLETED
    assert run.created == run.read == CrmField.objects.count()
    assert set(CrmField.objects.values_list("entity", flat=True)) == {"contact", "lead", "account"}
    assert Outcome.objects.filter(run=run, result="created").count() == run.created


def test_what_conversion_needs_is_kept(account):
    sync(account)
    first_name = field("firstname")
    assert (first_name.type, first_name.max_length, first_name.writable) == ("String", 50, True)
    assert not field("fullname").writable
    assert field("birthdate").date_behavior == "DateOnly"
    assert field("gendercode").options == {"1": "Male", "2": "Female"}
    assert set(field("donotbulkemail").options) == {"0", "1"}
    assert set(field("parentcustomerid").targets) == {"account", "contact"}
    assert not field("statecode").writable, "a sync does not change a record's state"
    assert to_dotdigital(FieldSpec.of(field("leadsourcecode", "lead")), 8) == "Web"


def test_how_strictly_a_column_is_required_is_kept(account):
    sync(account)
    assert field("lastname").required == "ApplicationRequired"
    assert field("firstname").required == "Recommended"


def test_the_default_mappings_can_be_used_at_once(account):
    create_default_mappings(account)
    for name in ("FIRSTNAME", "LASTNAME", "FULLNAME", "POSTCODE"):
        Label.objects.create(account=account, name=name, type=LabelType.TEXT, in_dotdigital=True)
    sync(account)
    assert read_catalogue(account).broken == ()


def test_columns_that_cannot_be_selected_are_left_out(account):
    sync(account)
    names = set(CrmField.objects.filter(entity="contact").values_list("logical_name", flat=True))
    assert "parentcustomerid" in names
    assert "parentcustomeridname" not in names


def test_the_second_run_changes_nothing(account, dataverse):
    first = sync(account)
    dataverse.control.clear_journal()
    second = sync(account)
    assert (second.unchanged, second.read, second.created) == (first.created, first.created, 0)
    assert second.message_code == "nothing_new"
    assert not Outcome.objects.filter(run=second).exists(), "what is unchanged is only counted"
    routes = dataverse.control.journal()["routes"]
    assert not [route for route in routes if not route.startswith("GET ") and "token" not in route]


def test_a_new_column_can_be_mapped(account):
    sync(account)
    add_column(account, "new_ShoeSize")
    run = sync(account)
    assert (run.created, run.updated, run.removed) == (1, 0, 0)
    outcome = Outcome.objects.get(run=run)
    assert (outcome.person_key, outcome.entity, outcome.result) == ("new_shoesize", "contact", "created")
    assert field("new_shoesize").max_length == 50


def test_a_change_is_told_with_old_and_new(account):
    sync(account)
    CrmField.objects.filter(logical_name="firstname", entity="contact").update(max_length=10)
    run = sync(account)
    assert (run.created, run.updated, run.removed) == (0, 1, 0)
    assert '"max_length":[10,50]' in Outcome.objects.get(run=run).fields
    assert field("firstname").max_length == 50


def test_a_mapped_column_that_is_gone_is_told(account):
    sync(account)
    CrmField.objects.create(
        account=account,
        entity="contact",
        logical_name="new_gone",
        type="String",
        refreshed_at=field("firstname").refreshed_at,
    )
    FieldMapping.objects.create(account=account, entity="contact", crm_field="new_gone", label="GONE")
    run = sync(account)
    assert (run.removed, run.status) == (1, RunStatus.COMPLETED)
    assert run.message == "Mapped columns are no longer in Dynamics: contact.new_gone"
    assert not CrmField.objects.filter(logical_name="new_gone").exists()


def test_a_plan_changes_nothing_here(account):
    run = sync(account, plan_only=True)
    assert not CrmField.objects.exists()
    assert run.created == Outcome.objects.filter(run=run, result="planned", action="create").count() > 100


def test_a_wrong_secret_fails_the_run_with_the_remedy(account):
    account.client_secret = "wrong"
    account.save()
    run = sync(account)
    assert run.status == RunStatus.FAILED
    assert "secret" in run.message
    assert run.remedy
