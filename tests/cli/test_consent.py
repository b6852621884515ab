"""`syncline consent`: a signed history of one person's consent, and whether such a file is genuine."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.conftest import Run
from console.world import make_account
from syncline.accounts.admin_log import OPERATOR
from syncline.cli.exit_codes import ExitCode
from syncline.consent.ledger import Change, Source, What, record
from syncline.consent.models import LedgerKey
from syncline.onboarding.erasing import erase

ALICE = "alice@example.com"
MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def alice_opted_out() -> None:
    account = make_account("Contoso")
    record(
        [
            Change(account.pk, ALICE, MONDAY, What.SUPPRESSION, "", "unsubscribed", Source.DOTDIGITAL),
            Change(
                account.pk,
                ALICE,
                MONDAY,
                What.RESUBSCRIBED,
                "",
                "subscribed",
                Source.CONSOLE,
                actor="=HYPERLINK(1)",
                evidence={"ground": "asked at the fair in Zürich"},
            ),
            Change(account.pk, "bob@example.com", MONDAY, What.OPT_IN, "single", "double", Source.DOTDIGITAL),
        ]
    )


def export(run: Run, file: Path, form: str = "json", address: str = ALICE) -> bytes:
    ran = run("consent", "export", address, "--format", form, "--out", str(file), "--json")
    assert ran.code == ExitCode.OK, ran.out + ran.err
    return file.read_bytes()


def test_json_tells_the_whole_history_of_one_person(run: Run, tmp_path: Path) -> None:
    document = json.loads(export(run, tmp_path / "alice.json", address="ALICE@example.com"))
    assert document["address"] == ALICE
    assert [(one["what"], one["before"], one["after"]) for one in document["events"]] == [
        ("suppression", "", "unsubscribed"),
        ("resubscribed", "", "subscribed"),
    ]
    assert document["events"][0]["account"] == "Contoso"
    assert document["events"][1]["evidence"] == {"ground": "asked at the fair in Zürich"}
    assert document["signature"]["algorithm"] == "ed25519"


def test_csv_tells_the_same_and_no_spreadsheet_calculates_it(run: Run, tmp_path: Path) -> None:
    text = export(run, tmp_path / "alice.csv", "csv").decode("utf-8-sig")
    head, first, second, signature = csv.reader(text.splitlines())
    assert head[0] == "address"
    assert dict(zip(head, first, strict=True))["after"] == "unsubscribed"
    assert dict(zip(head, second, strict=True))["actor"] == "'=HYPERLINK(1)"
    assert signature[:2] == ["signature", "ed25519"]


@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_file_as_it_was_exported_is_genuine(run: Run, tmp_path: Path, form: str) -> None:
    file = tmp_path / "alice"
    export(run, file, form)
    ran = run("consent", "verify", str(file), "--json")
    assert ran.code == ExitCode.OK
    assert ran.results[0]["ours"] is True


@pytest.mark.parametrize("form", ["json", "csv"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"unsubscribed", b"subscribed__"),
        (b"2026-03-02", b"2025-03-02"),
        (b"ed25519", b"ed25518"),
        (b"\n", b"\n\n"),
    ],
)
def test_a_file_with_a_byte_changed_is_not(
    run: Run, tmp_path: Path, form: str, old: bytes, new: bytes
) -> None:
    file = tmp_path / "alice"
    data = export(run, file, form)
    file.write_bytes(data.replace(old, new, 1))
    assert run("consent", "verify", str(file)).code == ExitCode.FAILED
    file.write_bytes(data + b" ")
    assert run("consent", "verify", str(file)).code == ExitCode.FAILED


def test_another_installations_file_is_told_apart(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "alice.json"
    export(run, file)
    LedgerKey.objects.filter(name="signing").delete()
    ran = run("consent", "verify", str(file))
    assert ran.code == ExitCode.ATTENTION
    assert "not by this installation" in ran.out


def test_something_else_is_no_export(run: Run, tmp_path: Path) -> None:
    for data in (b"", b"{}", b'{"signature": "yes"}', b"a,b\r\nsignature,x\r\n", b"\xff\xfe"):
        (tmp_path / "other").write_bytes(data)
        assert run("consent", "verify", str(tmp_path / "other")).code == ExitCode.FAILED
    assert run("consent", "verify", str(tmp_path / "missing")).code == ExitCode.USAGE


def test_somebody_whose_consent_never_changed(run: Run, tmp_path: Path) -> None:
    ran = run("consent", "export", "carol@example.com", "--out", str(tmp_path / "carol.json"))
    assert ran.code == ExitCode.NOT_FOUND
    assert not (tmp_path / "carol.json").exists()


def test_an_erased_person_can_still_be_answered(run: Run, tmp_path: Path) -> None:
    erase(ALICE, by=OPERATOR)
    document = json.loads(export(run, tmp_path / "alice.json"))
    assert document["erased_at"]
    assert [one["what"] for one in document["events"]] == ["suppression", "resubscribed", "erased"]
