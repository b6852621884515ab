"""`syncline mappings`, `syncline labels` and the order of records, as an operator meets them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cli.conftest import Run
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.cli.exit_codes import ExitCode
from syncline.mapping.models import CrmField, FieldMapping, Label, LabelType

pytestmark = pytest.mark.django_db

COLUMNS = {
    "jobtitle": {"type": "String", "max_length": 100, "display_name": "Job Title"},
    "donotphone": {"type": "Boolean", "display_name": "Do not allow Phone Calls"},
    "parentcustomerid": {"type": "Customer", "targets": ["account", "contact"], "display_name": "Company"},
}


@pytest.fixture
def account() -> EmailAccount:
    account = EmailAccount.objects.create(name="Contoso")
    now = datetime.now(UTC)
    for name, about in COLUMNS.items():
        CrmField.objects.create(
            account=account, entity="contact", logical_name=name, refreshed_at=now, **about
        )
    CrmField.objects.create(
        account=account, entity="account", logical_name="telephone1", type="String", refreshed_at=now
    )
    for name in ("JOBTITLE", "COMPANY_TEL"):
        Label.objects.create(account=account, name=name, type=LabelType.TEXT, in_dotdigital=True)
    return account


def contact(run: Run, *options: str) -> object:
    return run("mappings", "contoso", "--entity", "contact", *options, "--json")


def test_nothing_is_mapped_yet(run: Run, account: EmailAccount) -> None:
    assert "Nothing is mapped" in run("mappings", "contoso").out
    assert run("mappings", "contoso", "--json").results == []


def test_a_mapping_is_made_changed_and_removed(run: Run, account: EmailAccount) -> None:
    made = contact(run, "--add", "jobtitle=jobtitle", "--conflicts", "newest", "--blank-overwrites")
    assert made.results == [
        {
            "entity": "contact",
            "field": "jobtitle",
            "label": "JOBTITLE",
            "direction": "both",
            "conflicts": "newest",
            "blank_overwrites": True,
            "problem": "",
        }
    ]
    changed = contact(run, "--add", "jobtitle=JOBTITLE", "--direction", "to_dotdigital")
    assert [(row["direction"], row["conflicts"]) for row in changed.results] == [("to_dotdigital", None)]
    assert "To Dotdigital" in run("mappings", "contoso").out
    assert contact(run, "--remove", "jobtitle").results == []
    assert list(AdminLogEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "mapping added",
        "mapping changed",
        "mapping removed",
    ]


def test_a_column_of_a_looked_up_row_goes_out(run: Run, account: EmailAccount) -> None:
    [made] = contact(run, "--add", "parentcustomerid.account.telephone1=COMPANY_TEL").results
    assert made["field"] == "parentcustomerid.account.telephone1"
    assert made["direction"] == "to_dotdigital"


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--add", "jobtitle=JOBTITLE"), ExitCode.USAGE, "Of which table"),
        (("--entity", "contact", "--add", "jobtitle"), ExitCode.USAGE, "form FIELD=LABEL"),
        (("--entity", "contact", "--add", "a.b=JOBTITLE"), ExitCode.USAGE, "form FIELD=LABEL"),
        (("--entity", "contact", "--add", "nosuch=JOBTITLE"), ExitCode.USAGE, "no column nosuch"),
        (("--entity", "contact", "--remove", "JOBTITLE"), ExitCode.NOT_FOUND, "is mapped to the label"),
    ],
)
def test_what_cannot_be_done_changes_nothing(
    run: Run, account: EmailAccount, options: tuple[str, ...], code: ExitCode, words: str
) -> None:
    ran = run("mappings", "contoso", *options)
    assert ran.code == code
    assert words in ran.err
    assert not FieldMapping.objects.exists() and not AdminLogEntry.objects.exists()


def test_a_mapping_that_cannot_be_used_says_why(run: Run, account: EmailAccount) -> None:
    FieldMapping.objects.create(account=account, entity="contact", crm_field="gone", label="JOBTITLE")
    [row] = run("mappings", "contoso", "--json").results
    assert "no column gone" in row["problem"]
    assert "1 cannot be used" in run("mappings", "contoso").out


def test_labels_are_shown_and_made(run: Run, account: EmailAccount) -> None:
    made = run("labels", "contoso", "--add", "score", "--type", "numeric", "--default", "5", "--json").results
    [score] = [row for row in made if row["label"] == "SCORE"]
    assert (score["type"], score["default_value"], score["private"]) == ("Numeric", 5, True)
    assert "with the next label sync" in run("labels", "contoso").out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--add", "SHOE SIZE"), "a space"),
        (("--add", "SCORE", "--type", "colour"), "no type colour"),
        (("--add", "SCORE", "--type", "Numeric", "--default", "five"), "does not fit"),
    ],
)
def test_a_label_that_cannot_be_is_refused(
    run: Run, account: EmailAccount, options: tuple[str, ...], words: str
) -> None:
    ran = run("labels", "contoso", *options)
    assert ran.code == ExitCode.USAGE
    assert words in ran.err
    assert Label.objects.count() == 2


def test_the_order_of_records_can_be_changed(run: Run, account: EmailAccount) -> None:
    assert run("account", "change", "contoso", "--priority", "lead,contact,account").code == ExitCode.OK
    account.refresh_from_db()
    assert account.record_priority == "lead,contact,account"
    refused = run("account", "change", "contoso", "--priority", "lead,lead,account")
    assert refused.code == ExitCode.USAGE
    assert "each once" in refused.err
