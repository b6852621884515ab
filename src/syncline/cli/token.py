"""`syncline token`: keys with which programs use the REST API."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

import typer
from django.db import transaction
from django.utils import timezone
from rich.markup import escape

from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.models import ApiToken
from syncline.accounts.roles import Role
from syncline.accounts.tokens import make_token, revoke_token, standing_of
from syncline.cli.exit_codes import ExitCode
from syncline.cli.output import AsJson, Output, Stop


class TokenRole(StrEnum):
    """The roles that a token can have: those of people, and that of a program which only watches."""

    MANAGER = Role.MANAGER.value
    PROFESSIONAL = Role.PROFESSIONAL.value
    VIEWER = Role.VIEWER.value
    MONITOR = Role.MONITOR.value


group = typer.Typer(no_args_is_help=True, help="Keys with which programs use the REST API.")


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="token")


@group.command("add")
def add(
    name: Annotated[str, typer.Argument(help="What the token is for: its name in lists and logs.")],
    role: Annotated[
        TokenRole,
        typer.Option(
            help="What it may do: what a person with this role may; monitor: read metrics and no more."
        ),
    ] = TokenRole.VIEWER,
    days: Annotated[
        int | None, typer.Option(min=1, max=3650, help="Days until it expires; never if not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a token and print it, once: only its digest is kept."""
    output = Output(as_json)
    name = name.strip()
    if not name or len(name) > 100:
        raise Stop(
            "A token needs a name of at most 100 characters.", "Name it after its user.", ExitCode.USAGE
        )
    if ApiToken.objects.filter(name__iexact=name).exists():
        raise Stop(
            f"There is a token called {name} already, or was.",
            "Choose another name: calls of the past are told by it.",
            ExitCode.USAGE,
        )
    expires_at = timezone.now() + timedelta(days=days) if days else None
    with transaction.atomic():
        token, text = make_token(name, Role(role.value), expires_at, by=OPERATOR)
    output.result({**_facts(token, timezone.now()), "secret": text})
    output.say(f"[green]✓[/green] [bold]{escape(name)}[/bold] has the role {token.get_role_display()}.")
    output.say(f"\n  {text}\n")
    output.say("Keep it where secrets are kept: it cannot be shown again.")


@group.command("list")
def list_tokens(as_json: AsJson = False) -> None:
    """All tokens that there are or were; never their texts."""
    output = Output(as_json)
    now = timezone.now()
    tokens = list(ApiToken.objects.all())
    for token in tokens:
        output.result(_facts(token, now))
    if not tokens:
        output.say("There are no tokens yet. Make one with [bold]syncline token add NAME[/bold].")
        return
    output.table(
        ("Token", "Role", "State", "Made", "Expires", "Last used"),
        (
            (one.name, one.get_role_display(), standing_of(one, now).value, one.created_at, one.expires_at,
             one.last_used_at)
            for one in tokens
        ),
    )  # fmt: skip


@group.command("revoke")
def revoke(
    name: Annotated[str, typer.Argument(help="The token's name, in any case.")], as_json: AsJson = False
) -> None:
    """Let a token open nothing any more, from its next call on."""
    output = Output(as_json)
    token = ApiToken.objects.filter(name__iexact=name.strip()).first()
    if token is None:
        raise Stop(
            f"There is no token called {name}.", "`syncline token list` shows them.", ExitCode.NOT_FOUND
        )
    if token.revoked_at is None:
        with transaction.atomic():
            revoke_token(token, timezone.now(), by=OPERATOR)
    output.result(_facts(token, timezone.now()))
    output.say(f"[bold]{escape(token.name)}[/bold] opens nothing any more.")


def _facts(token: ApiToken, now: datetime) -> dict[str, Any]:
    return {
        "token": token.name,
        "role": token.role,
        "state": standing_of(token, now).value,
        "made": token.created_at,
        "expires": token.expires_at,
        "last_used": token.last_used_at,
        "revoked": token.revoked_at,
    }
