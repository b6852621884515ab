"""The reference page names every verb, and every exit code."""

from pathlib import Path

import pytest
import typer.main

from syncline.cli import app
from syncline.cli.exit_codes import ExitCode

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "cli.md").read_text()


def verbs():
    for name, command in typer.main.get_command(app).commands.items():
        inner = getattr(command, "commands", None)
        yield from (f"{name} {verb}" for verb in inner) if inner else (name,)


@pytest.mark.parametrize("verb", sorted(verbs()))
def test_every_verb_is_described(verb):
    assert f"`{verb}`" in PAGE or f"`{verb} " in PAGE


@pytest.mark.parametrize("code", ExitCode)
def test_every_exit_code_is_described(code):
    assert f"\n| {int(code)} | " in PAGE
