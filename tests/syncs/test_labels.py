"""Data field labels: what is new on either side reaches the other, and what cannot is told."""

import pytest

from syncline.accounts.adding import add_account
from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.clients import close_clients, dotdigital_client
from syncline.accounts.details import AccountDetails
from syncline.ledger.models import Outcome, RunStatus, Trigger
from syncline.ledger.queue import request_run
from syncline.mapping.models import FieldMapping, Label, LabelType
from syncline.syncs.contract import Done, Wait
from syncline.syncs.running import advance

pytestmark = pytest.mark.django_db

BUILT_IN = {"FIRSTNAME", "LASTNAME", "FULLNAME", "GENDER", "POSTCODE", "LASTSUBSCRIBED"}
CREATE = "POST /v2/data-fields"


@pytest.fixture
def account(dotdigital):
    """Joined to Dotdigital; nothing of this sync goes to Dynamics."""
    yield add_account(
        AccountDetails(
            name="Contoso",
            dataverse_url="https://127.0.0.1:9",
            tenant_id="nobody",
            client_id="nobody",
            client_secret="nothing",
            dotdigital_url=dotdigital.base_url,
            dotdigital_user=dotdigital.api_user,
            dotdigital_password=dotdigital.api_password,
        ),
        by=OPERATOR,
        allow_loopback=True,
    )
    close_clients()


def sync(account, *, plan_only=False):
    run = request_run(account, "labels", "people", Trigger.MANUAL, plan_only=plan_only).run
    for _ in range(100):
        if isinstance(advance(str(run.key)), Done):
            run.refresh_from_db()
            return run
    raise AssertionError(f"The run did not end; it stands at {run.position}")


def label(account, name, label_type=LabelType.TEXT, **about):
    return Label.objects.create(account=account, name=name, type=label_type, **about)


def in_dotdigital(account):
    return {field.name: field for field in dotdigital_client(account).data_fields()}


def rejected(run):
    return {row.person_key: row for row in Outcome.objects.filter(run=run, result="rejected")}


def test_dotdigitals_data_fields_become_labels(account):
    dotdigital_client(account).create_data_field(
        "SHOE-SIZE", "Numeric", visibility="Public", default_value=42
    )
    run = sync(account)
    labels = {row.name: row for row in Label.objects.all()}
    assert set(labels) == BUILT_IN | {"SHOE-SIZE"}
    assert labels["LASTSUBSCRIBED"].type == LabelType.DATE
    assert labels["FIRSTNAME"].type == LabelType.TEXT
    size = labels["SHOE-SIZE"]
    assert (size.type, size.private, size.default_value, size.in_dotdigital) == ("Numeric", False, 42, True)
    assert (run.status, run.created, run.read) == (RunStatus.COMPLETED, 7, 7)


def test_labels_made_here_become_data_fields(account, dotdigital):
    label(account, "NICKNAME", private=False, default_value="friend")
    label(account, "RENEWAL", LabelType.DATE)
    label(account, "SCORE", LabelType.NUMERIC)
    label(account, "VIP", LabelType.YES_NO)
    run = sync(account)
    made = in_dotdigital(account)
    assert {name: made[name].type for name in ("NICKNAME", "RENEWAL", "SCORE", "VIP")} == {
        "NICKNAME": "String",
        "RENEWAL": "Date",
        "SCORE": "Numeric",
        "VIP": "Boolean",
    }
    assert (made["NICKNAME"].visibility, made["NICKNAME"].default_value) == ("Public", "friend")
    assert made["VIP"].visibility == "Private"
    assert not Label.objects.filter(in_dotdigital=False).exists()
    assert Outcome.objects.filter(run=run, side="dotdigital", result="created").count() == 4
    assert dotdigital.control.calls(CREATE) == 4


def test_the_second_run_writes_nothing(account, dotdigital):
    label(account, "NICKNAME")
    sync(account)
    dotdigital.control.clear_journal()
    run = sync(account)
    assert dotdigital.control.calls(CREATE) == 0
    assert (run.unchanged, run.read, run.message_code) == (7, 7, "nothing_new")
    assert not Outcome.objects.filter(run=run).exists(), "what is unchanged is only counted"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("LAST CALL", "a space"),
        ("ÜBER", "“Ü”"),
        ("EMAIL", "reserved"),
    ],
)
def test_a_bad_name_is_that_labels_error_and_the_rest_goes_on(account, name, words):
    label(account, name)
    label(account, "ZEBRA")
    run = sync(account)
    assert "ZEBRA" in in_dotdigital(account)
    assert run.status == RunStatus.COMPLETED_WITH_ERRORS
    assert run.message == f"ERROR_DATAFIELD_INVALID - Failed to sync dataLabel {name} to Dotdigital"
    assert words in rejected(run)[name].detail
    assert words in Label.objects.get(name=name).error
    assert (run.rejected, run.created) == (1, 7)


def test_a_default_that_does_not_fit_is_told(account):
    label(account, "SCORE", LabelType.NUMERIC, default_value="many")
    assert "does not fit the type Numeric" in rejected(sync(account))["SCORE"].detail


def test_a_name_that_is_taken_with_another_type_is_told(account):
    dotdigital_client(account).create_data_field("SCORE", "String")
    label(account, "SCORE", LabelType.NUMERIC)
    run = sync(account)
    assert "type Text" in rejected(run)["SCORE"].detail
    assert in_dotdigital(account)["SCORE"].type == "String"
    again = sync(account)
    assert again.rejected == 1, "it is told again until somebody mends it"
    Label.objects.filter(name="SCORE").update(type=LabelType.TEXT)
    mended = sync(account)
    assert mended.rejected == 0
    assert Label.objects.get(name="SCORE").in_dotdigital
    assert Label.objects.get(name="SCORE").error == ""


def test_a_name_that_is_taken_with_the_same_type_is_one_label(account, dotdigital):
    dotdigital_client(account).create_data_field("SCORE", "Numeric")
    row = label(account, "score", LabelType.NUMERIC)
    FieldMapping.objects.create(account=account, entity="contact", crm_field="new_score", label="score")
    dotdigital.control.clear_journal()
    sync(account)
    row.refresh_from_db()
    assert (row.name, row.in_dotdigital) == ("SCORE", True)
    assert FieldMapping.objects.get().label == "SCORE", "the mapping goes by the name that Dotdigital has"
    assert dotdigital.control.calls(CREATE) == 0


def test_the_accounts_limit_is_that_labels_error(account, dotdigital):
    dotdigital.control.settings(field_limit_date=1)
    for name in ("RENEWAL", "SIGNED", "OPENED"):
        label(account, name, LabelType.DATE)
    label(account, "ZEBRA")
    run = sync(account)
    refused = rejected(run)
    assert len(refused) == 2
    assert {row.vendor_code for row in refused.values()} == {"ERROR_DATAFIELD_LIMITEXCEEDED"}
    assert "ZEBRA" in in_dotdigital(account)


def test_a_field_deleted_in_dotdigital_is_told_and_not_made_again(account, dotdigital):
    label(account, "NICKNAME")
    sync(account)
    FieldMapping.objects.create(account=account, entity="contact", crm_field="nickname", label="NICKNAME")
    dotdigital_client(account).delete_data_field("NICKNAME")
    dotdigital.control.clear_journal()
    run = sync(account)
    assert (run.removed, run.status) == (1, RunStatus.COMPLETED)
    assert run.message == "Mapped labels were deleted in Dotdigital: NICKNAME"
    assert not Label.objects.filter(name="NICKNAME").exists()
    assert dotdigital.control.calls(CREATE) == 0
    assert sync(account).removed == 0


def test_a_field_made_anew_with_another_type_is_followed(account):
    dotdigital_client(account).create_data_field("SCORE", "String")
    sync(account)
    dotdigital_client(account).delete_data_field("SCORE")
    dotdigital_client(account).create_data_field("SCORE", "Numeric")
    run = sync(account)
    assert run.updated == 1
    assert Label.objects.get(name="SCORE").type == LabelType.NUMERIC
    assert '"type":["String","Numeric"]' in Outcome.objects.get(run=run).fields


def test_an_answer_that_is_lost_makes_no_second_field(account, dotdigital):
    label(account, "NICKNAME")
    dotdigital.control.fault("lost_answer", route="/v2/data-fields", method="POST", times=1)
    run = request_run(account, "labels", "people", Trigger.MANUAL).run
    answers = [advance(str(run.key)) for _ in range(6)]
    assert any(isinstance(answer, Wait) for answer in answers), "the fault has struck"
    run.refresh_from_db()
    assert (run.status, run.rejected) == (RunStatus.COMPLETED, 0)
    assert Label.objects.get(name="NICKNAME").in_dotdigital
    assert Outcome.objects.get(run=run, person_key="NICKNAME").result == "created"


def test_a_wrong_password_fails_the_run_with_the_remedy(account):
    account.dotdigital_password = "wrong"
    account.save()
    run = sync(account)
    assert run.status == RunStatus.FAILED
    assert "password" in run.remedy


def test_a_plan_writes_to_neither_side(account, dotdigital):
    dotdigital_client(account).create_data_field("SHOE-SIZE", "Numeric")
    label(account, "NICKNAME")
    dotdigital.control.clear_journal()
    run = sync(account, plan_only=True)
    assert set(Label.objects.values_list("name", flat=True)) == {"NICKNAME"}
    assert dotdigital.control.calls(CREATE) == 0
    planned = Outcome.objects.filter(run=run, result="planned")
    assert {row.person_key: row.action for row in planned} == dict.fromkeys(
        BUILT_IN | {"SHOE-SIZE", "NICKNAME"}, "create"
    )


def test_an_empty_answer_throws_no_label_away(account, dotdigital):
    sync(account)
    dotdigital.control.fault("status", route="/v2/data-fields", method="GET", times=1, status=200, body=[])
    run = request_run(account, "labels", "people", Trigger.MANUAL).run
    assert isinstance(advance(str(run.key)), Wait)
    assert Label.objects.count() == len(BUILT_IN)
