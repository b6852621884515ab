"""A verb is loaded when it is called, and only that one."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from cli.conftest import Run
from syncline.cli import app
from syncline.cli.verbs import VERBS

HEAVY = {"dbos", "sqlalchemy"}
PROGRAM = """
import sys
from syncline.cli import app
app({words!r}, standalone_mode=False)
print(sorted({heavy!r} & set(sys.modules)), file=sys.stderr)
"""


@pytest.mark.parametrize("words", [["account", "list", "--json"], ["user", "list", "--json"]])
def test_a_verb_that_only_looks_does_not_load_the_engine(words: list[str], tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(words=words, heavy=HEAVY)],
        env={"SYNCLINE_HOME": str(tmp_path), "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stderr.splitlines()[-1] == "[]"


def test_help_shows_every_verb_with_what_it_does(run: Run) -> None:
    told = run("--help").out
    for verb in VERBS:
        assert f" {verb} " in told
    assert "Run a sync now, whatever its schedule says" in told


def test_a_verb_written_wrong_is_answered_with_the_right_one(run: Run) -> None:
    ran = run("suppressons", "list")
    assert ran.code == 2
    assert "Did you mean 'suppressions'?" in ran.err


def test_every_verb_can_be_loaded() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert [command.name for command in commands.values()] == list(VERBS)


def test_a_setting_that_cannot_be_used_ends_a_command_with_a_sentence(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "syncline", "account", "list"],
        env={
            "SYNCLINE_HOME": str(tmp_path),
            "PYTHONPATH": ":".join(sys.path),
            "SYNCLINE_RUN_RETENTION_DAYS": "forever",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 2
    assert told.stderr == (
        "✗ SYNCLINE_RUN_RETENTION_DAYS is 'forever'; it must be a whole number of days, 1 or more.\n"
    )
