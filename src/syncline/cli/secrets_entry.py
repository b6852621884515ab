"""Secrets, on their way in: from the environment, from stdin, or typed without being shown.

Never from the command line, which everybody on the machine can see and the shell keeps in its history.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from syncline.cli.exit_codes import ExitCode
from syncline.cli.output import Stop

FromStdin = Annotated[
    bool,
    typer.Option(
        "--secrets-from-stdin",
        help="Read the secrets from stdin, as one JSON object with the names shown below.",
    ),
]


@dataclass(frozen=True)
class Secret:
    """One secret: its name in JSON, the environment variable that may hold it, and the question for it."""

    name: str
    variable: str
    question: str


CLIENT_SECRET = Secret("client_secret", "SYNCLINE_CLIENT_SECRET", "Client secret of the app registration")
DOTDIGITAL_PASSWORD = Secret(
    "dotdigital_password", "SYNCLINE_DOTDIGITAL_PASSWORD", "Password of the Dotdigital API user"
)
USER_PASSWORD = Secret("password", "SYNCLINE_USER_PASSWORD", "Password")


def is_interactive() -> bool:
    return sys.stdin.isatty()


def enter(
    secrets: Sequence[Secret], *, from_stdin: bool, confirm: bool = False, optional: bool = False
) -> dict[str, str]:
    """Name → secret. Where one is missing and nobody is there to ask: Stop, or empty if `optional`."""
    given = _from_stdin(secrets) if from_stdin else {}
    for secret in secrets:
        given[secret.name] = given.get(secret.name) or os.environ.get(secret.variable, "")
        if not given[secret.name] and is_interactive() and not from_stdin:
            given[secret.name] = typer.prompt(
                secret.question + (" (Enter to keep)" if optional else ""),
                hide_input=True,
                confirmation_prompt=confirm,
                default="" if optional else None,
                show_default=False,
            )
        if not given[secret.name] and not optional:
            raise Stop(
                f"{secret.question}: none was given.",
                f'Set {secret.variable}, or give {{"{secret.name}": …}} on stdin with --secrets-from-stdin.',
                ExitCode.USAGE,
            )
    return given


def _from_stdin(secrets: Sequence[Secret]) -> dict[str, str]:
    names = {secret.name for secret in secrets}
    try:
        given = json.loads(sys.stdin.read() or "{}")
    except ValueError:
        given = None
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise Stop(
            "What came on stdin is not a JSON object of texts.",
            f"Give {json.dumps(dict.fromkeys(sorted(names), '…'))}.",
            ExitCode.USAGE,
        )
    return {name: value for name, value in given.items() if name in names}


def read_certificate_file(path: Path | None) -> str:
    """The text of a PEM file; empty where none is given. Raises Stop where it cannot be read."""
    if path is None:
        return ""
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(f"The certificate file {path} cannot be read: {error}", code=ExitCode.USAGE) from error
