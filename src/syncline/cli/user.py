"""`syncline user`: who may sign in to the console, and as what."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from rich.markup import escape

from syncline.accounts.admin_log import OPERATOR, record_change
from syncline.accounts.models import User
from syncline.accounts.roles import Role
from syncline.cli.exit_codes import ExitCode
from syncline.cli.output import AsJson, Output, Stop
from syncline.cli.secrets_entry import USER_PASSWORD, FromStdin, enter

group = typer.Typer(no_args_is_help=True, help="The people who may sign in to the console.")


class ConsoleRole(StrEnum):
    """The roles that can sign in; the Connector Service has no login."""

    MANAGER = Role.MANAGER.value
    PROFESSIONAL = Role.PROFESSIONAL.value
    VIEWER = Role.VIEWER.value


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="user")


@group.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The name to sign in with.")],
    role: Annotated[
        ConsoleRole, typer.Option(help="Only a manager administers accounts.")
    ] = ConsoleRole.VIEWER,
    email: Annotated[str, typer.Option(help="The person's e-mail address.")] = "",
    secrets_from_stdin: FromStdin = False,
    as_json: AsJson = False,
) -> None:
    """Add someone who may sign in to the console.

    The password comes from SYNCLINE_USER_PASSWORD, from stdin as {"password": …}, or is typed in without
    being shown.
    """
    output = Output(as_json)
    if User.objects.filter(username__iexact=name).exists():
        raise Stop(f"There is a user called {name} already.", "Choose another name.", ExitCode.USAGE)
    user = User(username=name, email=email, role=role.value)
    password = enter([USER_PASSWORD], from_stdin=secrets_from_stdin, confirm=True)[USER_PASSWORD.name]
    try:
        validate_password(password, user)
        user.set_password(password)
        user.full_clean(exclude=["password"])
    except ValidationError as error:
        raise Stop(" ".join(error.messages), code=ExitCode.USAGE) from error
    with transaction.atomic():
        user.save()
        record_change(OPERATOR, None, "user added", {}, {"user": name, "role": role.value})
    output.result(_facts(user))
    output.say(f"[green]✓[/green] [bold]{escape(name)}[/bold] may sign in as {user.get_role_display()}.")


@group.command("list")
def list_users(as_json: AsJson = False) -> None:
    """Everybody who may sign in to the console."""
    output = Output(as_json)
    users = list(User.objects.order_by("username"))
    for user in users:
        output.result(_facts(user))
    if not users:
        output.say(
            "Nobody may sign in yet. Add someone with [bold]syncline user add NAME --role manager[/bold]."
        )
        return
    output.table(
        ("User", "Role", "E-mail", "Active", "Last sign-in"),
        (
            (user.username, user.get_role_display(), user.email, user.is_active, user.last_login)
            for user in users
        ),
    )


def _facts(user: User) -> dict[str, Any]:
    return {
        "user": user.username,
        "role": user.role,
        "email": user.email,
        "active": user.is_active,
        "last_sign_in": user.last_login,
    }
