"""The doctor against both sandboxes: well, and with one thing wrong at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from dataverse.conftest import environment_of
from dotdigital.conftest import account_of
from our_tables import provision
from sandbox_process import DataverseSandbox, DotdigitalSandbox
from syncline.dataverse import Dataverse, Patience
from syncline.doctor import Check, checks
from syncline.dotdigital import Dotdigital

IMPATIENT = Patience(patience_s=2, attempts=2, first_wait_s=0.01)


@contextmanager
def dataverse_client(sandbox: DataverseSandbox, **changes: Any) -> Iterator[Dataverse]:
    with Dataverse(environment_of(sandbox, **changes), patience=IMPATIENT) as client:
        yield client


@contextmanager
def dotdigital_client(sandbox: DotdigitalSandbox, **changes: str) -> Iterator[Dotdigital]:
    with Dotdigital(account_of(sandbox, **changes), patience=IMPATIENT) as client:
        yield client


def of_dataverse(sandbox: DataverseSandbox, **changes: Any) -> dict[str, Check]:
    with dataverse_client(sandbox, **changes) as client:
        return {check.name: check for check in checks(client, None)}


def of_dotdigital(sandbox: DotdigitalSandbox, **changes: str) -> dict[str, Check]:
    with dotdigital_client(sandbox, **changes) as client:
        return {check.name: check for check in checks(None, client)}


def not_ok(found: dict[str, Check]) -> dict[str, str]:
    return {name: check.state for name, check in found.items() if check.state != "ok"}


def test_two_healthy_sides_pass_every_check(
    dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox
) -> None:
    with dataverse_client(dataverse) as crm, dotdigital_client(dotdigital) as mail:
        provision(dataverse, crm)
        found = list(checks(crm, mail))
    assert [(check.name, check.state) for check in found if check.state != "ok"] == []
    assert {check.side for check in found} == {"dataverse", "dotdigital", "both"}
    assert found[-1].name == "Clocks"


def test_looking_changes_nothing(dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox) -> None:
    with dataverse_client(dataverse) as crm, dotdigital_client(dotdigital) as mail:
        crm.create("contacts", {"lastname": "A"})
        (page,) = crm.delta("contacts", ["lastname"])
        list(checks(crm, mail))
        (after,) = crm.delta_from(page.delta_link or "")
    assert (after.rows, after.deleted) == ([], [])
    assert all(route.startswith("GET ") for route in dotdigital.control.journal()["routes"])


def test_an_environment_that_is_not_provisioned_is_a_warning_that_says_what_is_missing(
    dataverse: DataverseSandbox,
) -> None:
    found = of_dataverse(dataverse)
    assert not_ok(found) == {"Provisioning": "warn"}
    assert "Activated for Email" in found["Provisioning"].detail
    assert "syncline provision" in found["Provisioning"].remedy


def test_each_missing_column_table_and_lookup_is_named(dataverse: DataverseSandbox) -> None:
    detail = of_dataverse(dataverse)["Provisioning"].detail
    for missing in (
        "Make the table Suppression (syncline_suppression)",
        "Make the table Suppressed E-mail (syncline_suppressedemail)",
        "Add the column Opt-in Type (syncline_optintype, choice) to contact",
        "Add the column Opt-in Type (syncline_optintype, choice) to lead",
        "Add the column Lead (syncline_lead, lookup of lead) to syncline_suppression",
        "Make the key Account and Dotdigital id (syncline_account, syncline_dotdigitalid)"
        " on syncline_preference",
    ):
        assert missing in detail


@pytest.mark.parametrize(
    ("privilege", "table", "says"),
    [
        ("prvDeletesyncline_Suppression", "syncline_suppression", "Add these to its security role"),
        ("prvCreatesyncline_SuppressedEmail", "syncline_suppressedemail", "Add these to its security role"),
        ("prvReadsyncline_SuppressedEmail:Global", "syncline_suppressedemail", "to Organization"),
        ("prvAppendTosyncline_Preference", "syncline_preference", "Add these to its security role"),
    ],
)
def test_a_missing_right_on_a_table_of_ours(
    dataverse: DataverseSandbox, privilege: str, table: str, says: str
) -> None:
    with dataverse_client(dataverse) as crm:
        provision(dataverse, crm)
    dataverse.control.settings(denied=[privilege])
    found = of_dataverse(dataverse)
    assert not_ok(found) == {f"Rights on {table}": "fail"}
    assert privilege.partition(":")[0] in found[f"Rights on {table}"].detail
    assert says in found[f"Rights on {table}"].remedy


def test_sync_notes_need_not_be_deleted(dataverse: DataverseSandbox) -> None:
    with dataverse_client(dataverse) as crm:
        provision(dataverse, crm)
    dataverse.control.settings(denied=["prvDeletesyncline_SyncNote"])
    assert not_ok(of_dataverse(dataverse)) == {}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"client_secret": "wrong"}, "AADSTS7000215"),
        ({"client_id": "00000000-0000-0000-0000-00000000beef"}, "AADSTS700016"),
    ],
)
def test_a_refused_log_in_ends_the_chain_with_a_remedy(
    dataverse: DataverseSandbox, changes: dict[str, str], says: str
) -> None:
    found = of_dataverse(dataverse, **changes)
    assert not_ok(found) == {"Access token": "fail", "Not checked": "skipped"}
    assert says in found["Access token"].detail
    assert found["Access token"].remedy
    assert "provisioning" in found["Not checked"].detail
    assert "Access token" in found["Not checked"].detail


def test_an_unknown_tenant_is_named(dataverse: DataverseSandbox) -> None:
    tenant = "00000000-0000-0000-0000-00000000beef"
    authority = dataverse.authority.replace(dataverse.tenant_id, tenant)
    found = of_dataverse(dataverse, tenant_id=tenant, authority=authority)
    assert "AADSTS90002" in found["Access token"].detail


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://nowhere.invalid"])
def test_an_environment_that_cannot_be_reached(dataverse: DataverseSandbox, url: str) -> None:
    found = of_dataverse(dataverse, url=url)
    assert not_ok(found) == {"Environment": "fail", "Not checked": "skipped"}


def test_an_untrusted_certificate_is_told_from_a_dead_server(dataverse: DataverseSandbox) -> None:
    found = of_dataverse(dataverse, ca_file=None)
    assert "not trusted" in found["Login server"].detail


def test_an_application_user_without_a_role(dataverse: DataverseSandbox) -> None:
    dataverse.control.settings(has_role=False)
    found = of_dataverse(dataverse)
    assert found["Application user"].state == "fail"
    assert "security role" in found["Application user"].remedy


def test_a_table_that_may_not_be_read(dataverse: DataverseSandbox) -> None:
    dataverse.control.settings(denied=["prvReadLead"])
    found = of_dataverse(dataverse)
    assert found["Read lead"].state == found["Rights on lead"].state == "fail"
    assert "prvReadLead" in found["Read lead"].detail
    assert "security role" in found["Read lead"].remedy


@pytest.mark.parametrize("privilege", ["prvWriteContact", "prvAppendToList", "prvCreateAccount"])
def test_a_missing_right_is_found_without_trying_it_out(dataverse: DataverseSandbox, privilege: str) -> None:
    dataverse.control.settings(denied=[privilege])
    found = of_dataverse(dataverse)
    (name,) = [name for name, state in not_ok(found).items() if state == "fail"]
    assert name.startswith("Rights on ")
    assert privilege in found[name].detail
    assert "security role" in found[name].remedy


def test_a_read_that_reaches_too_few_rows_for_changes(dataverse: DataverseSandbox) -> None:
    dataverse.control.settings(denied=["prvReadContact:Global"])
    found = of_dataverse(dataverse)
    assert found["Rights on contact"].state == "fail"
    assert "Organization" in found["Rights on contact"].remedy


def test_an_organisation_without_leads_or_lists(dataverse: DataverseSandbox) -> None:
    dataverse.control.settings(hidden_tables=["lead", "list", "listmember"])
    found = of_dataverse(dataverse)
    assert (found["Table lead"].state, found["Table list"].state) == ("warn", "fail")


def test_missing_bulk_messages_are_a_warning(dataverse: DataverseSandbox) -> None:
    dataverse.control.settings(no_bulk_messages=["contact"])
    assert of_dataverse(dataverse)["Bulk messages of contact"].state == "warn"


@pytest.mark.parametrize("changes", [{"api_password": "wrong"}, {"api_user": "nobody@apiconnector.com"}])
def test_a_wrong_api_user(dotdigital: DotdigitalSandbox, changes: dict[str, str]) -> None:
    found = of_dotdigital(dotdigital, **changes)
    assert not_ok(found) == {"API user": "fail", "Not checked": "skipped"}
    assert "API users" in found["API user"].remedy


def test_a_wrong_region(dotdigital: DotdigitalSandbox) -> None:
    dotdigital.control.settings(account_region="r2")
    found = of_dotdigital(dotdigital)
    failed = next(check for check in found.values() if check.state == "fail")
    assert "region" in failed.remedy


def test_a_dotdigital_that_cannot_be_reached(dotdigital: DotdigitalSandbox) -> None:
    found = of_dotdigital(dotdigital, base_url="http://127.0.0.1:9")
    assert not_ok(found) == {"Server": "fail", "Not checked": "skipped"}


def test_a_clock_that_is_far_off_is_told(dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox) -> None:
    dotdigital.control.advance(1_000)
    with dataverse_client(dataverse) as crm, dotdigital_client(dotdigital) as mail:
        found = {check.name: check for check in checks(crm, mail)}
    assert found["Clocks"].state == "fail"
    assert "Dotdigital" in found["Clocks"].detail


def test_one_side_that_fails_does_not_end_the_other(
    dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox
) -> None:
    with dataverse_client(dataverse, client_secret="wrong") as crm, dotdigital_client(dotdigital) as mail:
        found = list(checks(crm, mail))
    assert [check.name for check in found if check.side == "dotdigital" and check.state == "ok"]
    assert "Clocks" not in {check.name for check in found}
