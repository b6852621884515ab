"""Turns what can go wrong into a sentence, a remedy and an exit code; stack traces are for our own faults."""

from __future__ import annotations

from typing import Any

import typer
from django.db import OperationalError

from syncline.accounts.details import AccountRefusedError
from syncline.accounts.secrets import UnreadableSecretError
from syncline.cli.exit_codes import ExitCode
from syncline.cli.output import Stop, report
from syncline.cli.verbs import VerbGroup
from syncline.remote import RemoteError, Retryable


class CalmGroup(VerbGroup):
    """The outermost group of commands: the one edge at which every error is told."""

    def invoke(self, ctx: Any) -> Any:
        as_json = "--json" in ctx.args
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise typer.Exit(ExitCode.INTERRUPTED) from None
        except Exception as error:
            stop = told(error)
            if stop is None:
                raise
            report(stop, as_json=as_json)
            raise typer.Exit(stop.code) from None


def told(error: Exception) -> Stop | None:
    """What to tell about an error; None where it is a fault of our own."""
    match error:
        case Stop():
            return error
        case AccountRefusedError():
            return Stop("\n  ".join(problem.message for problem in error.problems), code=ExitCode.USAGE)
        case Retryable():
            return Stop(error.message, error.what_to_do, ExitCode.LATER)
        case RemoteError():
            return Stop(error.message, error.what_to_do)
        case UnreadableSecretError():
            return Stop(str(error))
        case OperationalError():
            return Stop(
                f"The database does not answer: {str(error).strip()}",
                "Try again in a moment.",
                ExitCode.LATER,
            )
        case _:
            return None
