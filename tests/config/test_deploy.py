"""The systemd units start what there is, as systemd understands it, with settings that there are."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import typer.main

from syncline.cli import app

ROOT = Path(__file__).resolve().parents[2]
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
SETTINGS = (ROOT / "docs" / "reference" / "configuration.md").read_text()
HOW_TO = (ROOT / "docs" / "how-to" / "run-as-a-service.md").read_text()


def command_of(unit: Path) -> list[str]:
    parsed = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    parsed.read(unit)
    return parsed["Service"]["ExecStart"].split()


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_a_verb_with_options_that_there_are(unit: Path) -> None:
    program, verb, *options = command_of(unit)
    assert Path(program).name == "syncline"
    command = typer.main.get_command(app).commands[verb]  # type: ignore[attr-defined]
    with command.make_context(verb, list(options)):
        pass
    assert f"`{unit.name}`" in HOW_TO


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_finds_no_fault_with_a_unit(unit: Path, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed here")
    # With a program and a user that this machine has, for systemd looks for both.
    text = unit.read_text().replace("/opt/syncline/bin/syncline", "/bin/true")
    copy = tmp_path / unit.name.replace("@", "@1")
    copy.write_text(re.sub("^(User|Group)=.*$", r"\1=root", text, flags=re.MULTILINE))
    ended = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(copy)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_every_setting_in_the_units_and_their_file_is_one_that_there_is() -> None:
    files = [*UNITS, ROOT / "deploy" / "systemd" / "environment"]
    named = {name for file in files for name in re.findall(r"\bSYNCLINE_[A-Z_]+", file.read_text())}
    assert named == {name for name in named if f"| `{name}` |" in SETTINGS} != set()
