"""The verbs that enter Dynamics and Dotdigital, against the sandboxes."""

import json

import pytest

from syncline.accounts.clients import dataverse_client
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.cli.exit_codes import ExitCode
from syncline.lists.models import MarketingList
from syncline.mapping.models import FieldMapping
from syncline.schedule.models import SyncSchedule
from syncline.syncs.registry import SYNC_TYPES

pytestmark = pytest.mark.django_db


def add(run, joining, *more, **changed_secrets):
    return run(
        *("account", "add", "--name", "Contoso", "--secrets-from-stdin", *joining.arguments, *more),
        stdin=json.dumps({**joining.secrets, **changed_secrets}),
    )


class TestAdding:
    def test_an_account_starts_with_mappings_and_a_timetable(self, run, joining):
        ran = add(run, joining, "--description", "The big one")
        assert ran.code == 0, ran.err
        assert "syncline lists Contoso" in ran.out
        account = EmailAccount.objects.get()
        assert account.is_default
        assert "@" in account.owner
        assert not account.provisioned
        assert FieldMapping.objects.filter(entity="lead", label="POSTCODE").exists()
        assert set(SyncSchedule.objects.values_list("sync_type", flat=True)) == set(SYNC_TYPES)

    def test_the_time_zone_is_dotdigitals_unless_given(self, run, joining):
        add(run, joining)
        assert EmailAccount.objects.get().time_zone == "Europe/London"
        run("account", "remove", "Contoso", "--yes")
        add(run, joining, "--time-zone", "Europe/Paris")
        assert EmailAccount.objects.get().time_zone == "Europe/Paris"

    def test_no_secret_is_printed(self, run, joining):
        ran = add(run, joining)
        assert not [secret for secret in joining.secrets.values() if secret in ran.out + ran.err]

    @pytest.mark.parametrize(
        ("secret", "words"),
        [("client_secret", "Access token"), ("dotdigital_password", "API user")],
    )
    def test_wrong_credentials_store_nothing_and_name_the_remedy(self, run, joining, secret, words):
        ran = add(run, joining, **{secret: "wrong"})
        assert ran.code == ExitCode.FAILED
        assert f"Contoso was not added: {words}" in ran.err
        assert "What to do" in ran.err
        assert not EmailAccount.objects.exists()
        assert not AdminLogEntry.objects.exists()

    def test_a_side_that_cannot_be_reached_is_told(self, run, joining):
        ran = add(run, joining, "--dotdigital", "http://127.0.0.1:9")
        assert ran.code == ExitCode.FAILED
        assert "127.0.0.1:9" in ran.err
        assert not EmailAccount.objects.exists()

    def test_a_name_that_is_taken_is_told_before_anybody_is_called(self, run, contoso, joining, dotdigital):
        dotdigital.control.clear_journal()
        ran = add(run, joining)
        assert ran.code == ExitCode.USAGE
        assert "called Contoso already" in ran.err
        assert dotdigital.control.journal()["routes"] == {}


class TestCredentials:
    def test_a_new_password_is_stored_when_it_works(self, run, contoso, dotdigital):
        ran = run(
            *("account", "credentials", "contoso", "--json"),
            SYNCLINE_DOTDIGITAL_PASSWORD=dotdigital.api_password,
        )
        assert ran.results == [{"account": "Contoso", "replaced": ["dotdigital_password"]}]

    def test_a_wrong_one_is_not_stored(self, run, contoso, dotdigital):
        ran = run("account", "credentials", "Contoso", SYNCLINE_DOTDIGITAL_PASSWORD="wrong")
        assert ran.code == ExitCode.FAILED
        assert "Nothing was stored" in ran.err
        assert EmailAccount.objects.get().dotdigital_password == dotdigital.api_password

    def test_nothing_given(self, run, contoso):
        assert run("account", "credentials", "Contoso").code == ExitCode.USAGE


class TestDoctor:
    def test_every_finding_is_a_result(self, run, contoso):
        ran = run("doctor", "contoso", "--json")
        states = {result["state"] for result in ran.results}
        assert "fail" not in states
        assert ran.code == (ExitCode.ATTENTION if "warn" in states else ExitCode.OK)
        assert {"Access token", "API user", "Provisioning", "Workers"} <= {
            one["check"] for one in ran.results
        }

    def test_without_an_account_all_are_looked_over(self, run, contoso):
        assert {one.get("account") for one in run("doctor", "--json").results} == {None, "Contoso"}

    def test_what_is_wrong_comes_with_its_remedy(self, run, contoso):
        account = EmailAccount.objects.get()
        account.dotdigital_password = "wrong"
        account.save()
        ran = run("doctor", "Contoso")
        assert ran.code == ExitCode.FAILED
        assert "must be mended" in ran.out
        assert "→" in ran.out

    def test_a_secret_that_cannot_be_read_is_a_finding(self, run, contoso):
        EmailAccount.objects.update(client_secret_encrypted="not a token")
        ran = run("doctor", "Contoso", "--json")
        assert ran.code == ExitCode.FAILED
        assert [one["check"] for one in ran.results if one["state"] == "fail"] == ["Credentials"]


def make_list(name, code=2, **row):
    client = dataverse_client(EmailAccount.objects.get())
    return client.create("lists", {"listname": name, "createdfromcode": code, "type": False, **row})


class TestLists:
    def test_lists_are_shown_with_their_settings(self, run, contoso):
        make_list("Newsletter")
        make_list("Prospects", 4)
        rows = {row["name"]: row for row in run("lists", "contoso", "--json").results}
        assert set(rows) == {"Newsletter", "Prospects"}
        assert (rows["Prospects"]["members"], rows["Prospects"]["activated"]) == ("lead", False)
        assert "No list is activated yet" in run("lists", "contoso").out

    def test_settings_are_kept_here_where_dynamics_has_no_columns(self, run, contoso, dataverse):
        make_list("Newsletter")
        dataverse.control.clear_journal()
        ran = run(
            "lists", "contoso", "--activate", "newsletter", "--order", "5", "--membership", "remove", "--json"
        )
        row = ran.results[0]
        assert (row["activated"], row["order"], row["membership"]) == (True, 5, "remove")
        assert run("lists", "contoso", "--json").results[0]["activated"]
        assert not [route for route in dataverse.control.journal()["routes"] if route.startswith("PATCH")]

    def test_a_list_goes_by_its_id_where_the_name_is_not_enough(self, run, contoso):
        first = make_list("Newsletter")
        make_list("Newsletter")
        ran = run("lists", "contoso", "--activate", "Newsletter")
        assert ran.code == ExitCode.USAGE
        assert first in ran.err
        run("lists", "contoso", "--activate", first)
        assert MarketingList.objects.get(activated=True).list_id == first

    def test_an_unknown_list_is_answered_with_those_there_are(self, run, contoso):
        make_list("Newsletter")
        ran = run("lists", "contoso", "--activate", "Prospects")
        assert ran.code == ExitCode.NOT_FOUND
        assert "Newsletter" in ran.err

    def test_an_order_needs_a_list(self, run, contoso):
        assert run("lists", "contoso", "--order", "5").code == ExitCode.USAGE


class TestProvisioning:
    def test_a_plan_changes_nothing(self, run, contoso):
        plan = run("provision", "contoso", "--plan", "--json").results[0]
        assert plan["plan"]
        assert (plan["done"], plan["provisioned"]) == ([], False)
        assert run("provision", "contoso", "--plan", "--json").results[0]["plan"] == plan["plan"]

    def test_nobody_is_there_to_agree(self, run, contoso):
        assert run("provision", "contoso").code == ExitCode.USAGE

    def test_settings_move_into_dynamics_and_stay_as_they_were(self, run, contoso, dataverse):
        make_list("Newsletter")
        run("lists", "contoso", "--activate", "Newsletter", "--order", "5", "--membership", "remove")
        ran = run("provision", dataverse.base_url, "--yes", "--json")
        assert ran.code == 0, ran.out
        assert ran.results[0]["provisioned"]
        assert EmailAccount.objects.get().provisioned
        row = run("lists", "contoso", "--json").results[0]
        assert (row["activated"], row["order"], row["membership"]) == (True, 5, "remove")
        again = run("provision", "contoso", "--yes", "--json").results[0]
        assert (again["plan"], again["done"], again["provisioned"]) == ([], [], True)

    def test_afterwards_settings_are_columns_of_the_list(self, run, contoso):
        list_id = make_list("Newsletter")
        run("provision", "contoso", "--yes")
        run("lists", "contoso", "--activate", "Newsletter", "--order", "7")
        account = EmailAccount.objects.get()
        row = dataverse_client(account).get(
            "lists", list_id, select=("syncline_activated", "syncline_syncorder", "syncline_account")
        )
        assert (row["syncline_activated"], row["syncline_syncorder"]) == (True, 7)
        assert row["syncline_account"] == str(account.connector_key)
        dataverse_client(account).update("lists", list_id, {"syncline_activated": False})
        assert not run("lists", "contoso", "--json").results[0]["activated"]

    def test_a_list_belongs_to_one_account(self, run, contoso, joining):
        make_list("Newsletter")
        run("lists", "contoso", "--activate", "Newsletter")
        add(run, joining, "--name", "Fabrikam")
        run("lists", "fabrikam", "--activate", "Newsletter")
        ran = run("provision", "contoso", "--yes")
        assert ran.code == ExitCode.ATTENTION
        assert "Fabrikam: Marketing List EmailAccount Id does not match" in ran.out
        assert run("lists", "contoso", "--json").results[0]["activated"]
        assert not run("lists", "fabrikam", "--json").results[0]["activated"]
        refused = run("lists", "fabrikam", "--activate", "Newsletter")
        assert refused.code == ExitCode.FAILED
        assert "Deactivate it for the other account first" in refused.err
        run("lists", "contoso", "--deactivate", "Newsletter")
        assert run("lists", "fabrikam", "--activate", "Newsletter", "--json").results[0]["activated"]

    def test_a_new_account_sees_what_is_there_already(self, run, contoso, joining):
        run("provision", "contoso", "--yes")
        run("account", "remove", "Contoso", "--yes")
        add(run, joining)
        assert EmailAccount.objects.get().provisioned
