"""The verbs that need neither vendor: accounts at rest, users, keys, migrations; and how errors are told."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.specimens import details
from syncline.accounts.adding import add_account
from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.models import AdminLogEntry, EmailAccount, User
from syncline.cli.exit_codes import ExitCode
from syncline.cli.output import Stop
from syncline.consent.models import Suppression
from syncline.ledger.models import Run, Trigger
from syncline.ledger.queue import request_run
from syncline.lists.models import MarketingList
from syncline.people.models import BookMember, Person

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery staple"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def two_accounts():
    return [
        add_account(details(name=name), by=OPERATOR, allow_loopback=False) for name in ("Contoso", "Fabrikam")
    ]


class TestAccounts:
    def test_none_yet(self, run):
        ran = run("account", "list")
        assert (ran.code, "syncline account add" in ran.out) == (0, True)
        assert run("account", "list", "--json").out == ""

    def test_list(self, run, two_accounts):
        ran = run("account", "list", "--json")
        assert [(one["name"], one["default"]) for one in ran.results] == [
            ("Contoso", True),
            ("Fabrikam", False),
        ]
        for_people = run("account", "list").out
        assert "Contoso" in for_people
        assert "default" in for_people

    @pytest.mark.parametrize("as_named", ["Contoso", "contoso", " CONTOSO ", "id"])
    def test_an_account_goes_by_name_or_id(self, run, two_accounts, as_named):
        text = str(two_accounts[0].pk) if as_named == "id" else as_named
        assert run("account", "show", text, "--json").results[0]["name"] == "Contoso"

    def test_no_secret_is_ever_shown(self, run, two_accounts):
        for arguments in (("account", "show", "Contoso"), ("account", "list")):
            for ran in (run(*arguments), run(*arguments, "--json")):
                assert "s3cret-of-contoso" not in ran.out + ran.err
                assert "p4ss-of-contoso" not in ran.out + ran.err
                assert two_accounts[0].client_secret_encrypted not in ran.out

    def test_an_unknown_account_is_answered_with_those_there_are(self, run, two_accounts):
        ran = run("account", "show", "Northwind")
        assert ran.code == ExitCode.NOT_FOUND
        assert ran.out == ""
        assert "no account called Northwind" in ran.err
        assert "Contoso, Fabrikam" in ran.err

    def test_with_json_an_error_is_one_object_too(self, run, two_accounts):
        ran = run("account", "show", "Northwind", "--json")
        assert ran.code == ExitCode.NOT_FOUND
        assert ran.results == [
            {
                "error": "There is no account called Northwind.",
                "remedy": "The accounts are: Contoso, Fabrikam.",
                "exit_code": 4,
            }
        ]

    def test_change(self, run, two_accounts):
        ran = run(
            *("account", "change", "fabrikam", "--name", "Fabrikam [EU]", "--time-zone", "Europe/Paris"),
            *("--make-default", "--disable"),
        )
        assert ran.code == 0
        assert "Fabrikam [EU]" in ran.out, "what looks like markup is shown as it is"
        account = EmailAccount.objects.get(name="Fabrikam [EU]")
        assert (account.is_default, account.disabled, account.time_zone) == (True, True, "Europe/Paris")
        assert EmailAccount.objects.filter(is_default=True).count() == 1

    def test_whose_records_count(self, run, two_accounts):
        asked = ("--also-inactive", "--keep-inactive-out", "--priority", "lead,contact,account")
        [found] = run("account", "change", "Contoso", *asked, "--json").results
        assert (found["only_open_and_active"], found["readmit_inactive"]) == (False, False)
        assert found["record_priority"] == "lead,contact,account"
        [kept] = run("account", "change", "Contoso", "--readmit-inactive", "--json").results
        assert (kept["only_open_and_active"], kept["readmit_inactive"]) == (False, True)

    def test_what_opt_outs_do(self, run, two_accounts):
        [facts] = run("account", "show", "Contoso", "--json").results
        assert facts["mark_do_not_bulk_email"] and facts["keep_crm_suppression_list"]
        asked = ("--leave-bulk-email", "--no-crm-suppression-list")
        [found] = run("account", "change", "Contoso", *asked, "--json").results
        assert (found["mark_do_not_bulk_email"], found["keep_crm_suppression_list"]) == (False, False)
        [kept] = run("account", "change", "Contoso", "--mark-bulk-email", "--json").results
        assert (kept["mark_do_not_bulk_email"], kept["keep_crm_suppression_list"]) == (True, False)

    def test_a_change_that_is_refused_in_part_changes_nothing(self, run, two_accounts):
        ran = run("account", "change", "Contoso", "--description", "New", "--disable", "--priority", "lead")
        assert ran.code == ExitCode.USAGE
        account = EmailAccount.objects.get(name="Contoso")
        assert (account.description, account.disabled) == (two_accounts[0].description, False)

    def test_a_change_that_cannot_be_is_a_usage_error(self, run, two_accounts):
        ran = run("account", "change", "Fabrikam", "--name", "contoso")
        assert ran.code == ExitCode.USAGE
        assert "Another account is called contoso" in ran.err

    def test_keys_are_rotated(self, run, two_accounts):
        ran = run("account", "rotate-keys", "--json")
        assert ran.results == [{"accounts": 2, "keys": 1}]


class TestAddingWithoutAnybodyToAsk:
    ARGUMENTS = (
        *("account", "add", "--name", "Contoso", "--dynamics-url", "https://contoso.crm.dynamics.com"),
        *("--tenant-id", "contoso.example", "--client-id", "1-2", "--dotdigital", "r1"),
    )

    def test_what_is_missing_is_named(self, run):
        ran = run(*self.ARGUMENTS)
        assert ran.code == ExitCode.USAGE
        assert "--dotdigital-user" in ran.err

    def test_a_missing_secret_is_told_with_all_ways_to_give_it(self, run):
        ran = run(*self.ARGUMENTS, "--dotdigital-user", "api@apiconnector.com")
        assert ran.code == ExitCode.USAGE
        assert "SYNCLINE_CLIENT_SECRET" in ran.err
        assert "--secrets-from-stdin" in ran.err

    def test_what_is_not_json_is_told_without_repeating_it(self, run):
        ran = run(
            *self.ARGUMENTS,
            *("--dotdigital-user", "api@apiconnector.com", "--secrets-from-stdin"),
            stdin="hunter2",
        )
        assert ran.code == ExitCode.USAGE
        assert "not a JSON object" in ran.err
        assert "hunter2" not in ran.err

    def test_a_host_that_is_not_the_vendors_is_never_called(self, run):
        ran = run(
            *("account", "add", "--name", "Contoso", "--dynamics-url", "https://dynamics.com.example"),
            *("--tenant-id", "contoso.example", "--client-id", "1-2", "--dotdigital", "https://example.com"),
            *("--dotdigital-user", "api@apiconnector.com"),
            SYNCLINE_CLIENT_SECRET="s",
            SYNCLINE_DOTDIGITAL_PASSWORD="p",
        )
        assert ran.code == ExitCode.USAGE
        assert "is not a Dynamics environment" in ran.err
        assert "is not a Dotdigital address" in ran.err
        assert not EmailAccount.objects.exists()


class TestRemoving:
    def test_nobody_is_there_to_agree(self, run, two_accounts):
        assert run("account", "remove", "Contoso").code == ExitCode.USAGE
        assert EmailAccount.objects.count() == 2

    def test_everything_of_the_account_goes_and_nothing_of_another(self, run, two_accounts):
        for account in two_accounts:
            Person.objects.create(
                account_id=account.pk, person_key="alice@example.com", status="", remote="{}", agreed="{}"
            )
            marketing_list = MarketingList.objects.create(
                account=account, list_id="1", name="News", entity="contact"
            )
            BookMember.objects.create(
                list_id=marketing_list.pk,
                person_key="alice@example.com",
                status="subscribed",
                agreed=True,
                seen_in=1,
            )
            Suppression.objects.create(
                account_id=account.pk, person_key="bob@example.com", reason="", since="2024-01-01T00:00Z"
            )
        assert run("account", "remove", "Contoso", "--yes").code == 0
        kept = two_accounts[1].pk
        assert [row.account_id for row in Person.objects.all()] == [kept]
        assert [row.account_id for row in Suppression.objects.all()] == [kept]
        assert BookMember.objects.get().list_id == MarketingList.objects.get(account_id=kept).pk
        assert EmailAccount.objects.get().is_default

    def test_its_history_goes_too(self, run, two_accounts):
        Run.objects.create(
            account=two_accounts[0], sync_type="labels", lane="people", trigger="manual", status="completed"
        )
        assert run("account", "remove", "Contoso", "--yes").code == 0
        assert not Run.objects.exists()

    def test_not_while_a_run_waits(self, run, two_accounts):
        request_run(two_accounts[0], "labels", "people", Trigger.MANUAL)
        ran = run("account", "remove", "Contoso", "--yes")
        assert ran.code == ExitCode.FAILED
        assert "labels" in ran.err
        assert "--disable" in ran.err
        assert EmailAccount.objects.count() == 2


class TestUsers:
    def test_add_and_list(self, run):
        ran = run("user", "add", "mia", "--role", "manager", SYNCLINE_USER_PASSWORD=PASSWORD)
        assert ran.code == 0
        user = User.objects.get()
        assert (user.username, user.role, user.check_password(PASSWORD)) == ("mia", "manager", True)
        assert not user.is_superuser
        assert PASSWORD not in ran.out + str(AdminLogEntry.objects.values_list("after", flat=True))
        assert run("user", "list", "--json").results[0]["user"] == "mia"

    def test_the_password_may_come_on_stdin(self, run):
        run("user", "add", "mia", "--secrets-from-stdin", stdin=json.dumps({"password": PASSWORD}))
        assert User.objects.get().check_password(PASSWORD)

    def test_a_new_user_may_only_look_unless_said_otherwise(self, run):
        run("user", "add", "vera", SYNCLINE_USER_PASSWORD=PASSWORD)
        assert User.objects.get().role == "viewer"

    @pytest.mark.parametrize(
        ("arguments", "password", "words"),
        [
            (("mia",), "short", "too short"),
            (("mia",), "password1234", "too common"),
            (("mia", "--email", "nobody"), PASSWORD, "valid email"),
            (("mia", "--role", "connector"), PASSWORD, "connector"),
        ],
    )
    def test_what_cannot_be_is_refused(self, run, arguments, password, words):
        ran = run("user", "add", *arguments, SYNCLINE_USER_PASSWORD=password)
        assert ran.code == ExitCode.USAGE
        assert words in ran.err
        assert not User.objects.exists()

    def test_a_name_is_taken_whatever_its_case(self, run):
        run("user", "add", "mia", SYNCLINE_USER_PASSWORD=PASSWORD)
        assert "called MIA already" in run("user", "add", "MIA", SYNCLINE_USER_PASSWORD=PASSWORD).err


class TestDatabase:
    def test_up_to_date(self, run):
        assert run("migrate", "--json").results == [{"applied": []}]

    def test_an_old_database_is_told_on_postgres_and_mended_on_sqlite(self, run, monkeypatch):
        """As if a migration were missing: only the list of what is pending is made up."""
        from syncline.cli import database

        monkeypatch.setattr(database, "pending_migrations", lambda: ["ledger.0002_more"])
        migrated = []
        monkeypatch.setattr(database, "call_command", lambda *words, **options: migrated.append(words))
        ran = run("account", "list")
        if connection.vendor == "sqlite":
            assert (ran.code, migrated) == (0, [("migrate",)])
        else:
            assert (ran.code, migrated) == (ExitCode.FAILED, [])
            assert "syncline migrate" in ran.err

    def test_no_migration_is_missing(self):
        call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_a_fresh_machine_needs_no_other_command(tmp_path):
    """Two commands at once in an empty home: both work, and only the operator may read the keys."""
    environment = {"SYNCLINE_HOME": str(tmp_path / "home"), "PATH": "", "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", "from syncline.cli import app; app()", "account", "list", "--json"]
    started = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in started:
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out, err) == (0, "", "")
    keys = [(tmp_path / "home" / name).stat().st_mode & 0o777 for name in ("signing.key", "encryption.key")]
    assert keys == [0o600, 0o600]


def test_a_usage_error_has_its_code(run):
    assert run("account", "show").code == ExitCode.USAGE
    assert run("nonsense").code == ExitCode.USAGE


def test_a_fault_of_our_own_is_not_hidden(run, monkeypatch):
    from syncline.cli import account

    def broken(*arguments):
        raise ZeroDivisionError

    monkeypatch.setattr(account, "find_account", broken)
    with pytest.raises(ZeroDivisionError):
        run("account", "show", "Contoso")


def test_a_remedy_is_told_with_its_message(run, monkeypatch):
    from syncline.cli import account

    def stopped(*arguments):
        raise Stop("It is closed.", "Open it.", ExitCode.LATER)

    monkeypatch.setattr(account, "find_account", stopped)
    ran = run("account", "show", "Contoso")
    assert ran.code == ExitCode.LATER
    assert ran.err.splitlines() == ["✗ It is closed.", "  What to do: Open it."]
