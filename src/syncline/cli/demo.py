"""`syncline demo`: both vendors on this machine, an account between them, and a real sync to watch.

Everything goes the way it goes with real systems: the demo runs the very commands that an operator types, and
shows them.
"""

from __future__ import annotations

import json
import os
import secrets
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from django.conf import settings

from syncline.accounts.models import EmailAccount
from syncline.cli.demo_processes import Processes
from syncline.cli.output import Output, Stop

ACCOUNT: Final = "Northwind Outdoor"
LOGIN: Final = "demo"
HOME: Final = Path("var/demo")

SYNCS: Final = (
    ("crm_metadata", "Which columns of contacts, leads and accounts are there to map?"),
    ("labels", "Which data fields does Dotdigital have?"),
    ("lists_out", "Now the marketing lists, both ways."),
)


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)


def demo(
    reset: Annotated[
        bool, typer.Option("--reset", help="Throw the demo's data away and begin again.")
    ] = False,
    once: Annotated[
        bool, typer.Option("--once", help="Set up and sync, then stop instead of staying up.")
    ] = False,
    port: Annotated[int, typer.Option(help="Port of the console; another is taken if it is in use.")] = 8000,
) -> None:
    """Set up a local Dynamics, a local Dotdigital and an account, sync them, and leave the console
    running.
    """
    _enter_demo_home(reset=reset)
    output = Output(as_json=False)
    with Processes(settings.HOME) as processes:
        output.say(
            "[bold]Syncline demo[/bold]: a local Dynamics, a local Dotdigital, and a sync between them.\n"
        )
        dataverse = processes.sandbox("dataverse", "--tls-port")
        dotdigital = processes.sandbox("dotdigital")
        output.say(f"  Dynamics    {dataverse['base_url']}   (sandbox)")
        output.say(f"  Dotdigital  {dotdigital['base_url']}   (sandbox)\n")
        _run("migrate", quiet=True)
        login = _login()
        address = processes.console(port)
        if not EmailAccount.objects.filter(name=ACCOUNT).exists():
            _set_up(dataverse, dotdigital, output)
        for sync_type, question in SYNCS:
            output.say(f"\n[dim]{question}[/dim]")
            _run("sync", ACCOUNT, sync_type)
        _say_where(address, login, output)
        if not once:
            processes.stay_up()
    output.say(
        "\nEverything is stopped. `make demo` goes on with the same data; `make demo-reset` begins again."
    )


def _enter_demo_home(*, reset: bool) -> None:
    """The demo has a home of its own and may talk to this machine; both are settings, so the command starts
    anew with them.
    """
    home = HOME.resolve()
    at_home = home == settings.HOME or "SYNCLINE_DEMO_HOME" in os.environ
    if reset and "SYNCLINE_DEMO_CLEARED" not in os.environ:
        shutil.rmtree(settings.HOME if at_home else home, ignore_errors=True)
    elif at_home and settings.ENVIRONMENT.allow_loopback:
        return
    os.environ["SYNCLINE_DEMO_HOME"] = os.environ["SYNCLINE_HOME"] = str(settings.HOME if at_home else home)
    os.environ["SYNCLINE_DEMO_CLEARED"] = "1"
    os.environ["SYNCLINE_ALLOW_LOOPBACK"] = "1"
    os.environ.pop("SYNCLINE_DATABASE_URL", None)
    os.execv(sys.executable, [sys.executable, "-m", "syncline", *sys.argv[1:]])


def _set_up(dataverse: dict[str, Any], dotdigital: dict[str, Any], output: Output) -> None:
    output.say("[dim]An account is added from the command line, with the credentials of both sides:[/dim]")
    _run(
        "account",
        "add",
        "--name",
        ACCOUNT,
        "--description",
        "The demo: outdoor clothing, sold online and in nine shops",
        "--dynamics-url",
        dataverse["base_url"],
        "--tenant-id",
        dataverse["tenant_id"],
        "--client-id",
        dataverse["client_id"],
        "--authority",
        dataverse["authority"],
        "--ca-file",
        dataverse["ca_file"],
        "--dotdigital",
        dotdigital["base_url"],
        "--dotdigital-user",
        dotdigital["api_user"],
        "--secrets-from-stdin",
        secrets_in={
            "client_secret": dataverse["client_secret"],
            "dotdigital_password": dotdigital["api_password"],
        },
    )
    output.say("\n[dim]What Syncline would like to add to Dynamics (it works without, too):[/dim]")
    _run("provision", ACCOUNT, "--yes")
    output.say("\n[dim]Which marketing lists go to Dotdigital:[/dim]")
    names = _list_names()
    _run("lists", ACCOUNT, *(word for name in names for word in ("--activate", name)))


def _list_names() -> list[str]:
    told = subprocess.run(
        [sys.executable, "-m", "syncline", "lists", ACCOUNT, "--json"],
        check=True,
        capture_output=True,
        text=True,
    )
    return [json.loads(line)["name"] for line in told.stdout.splitlines()]


def _login() -> str:
    """The demo user's password, made once and kept with the demo's data."""
    path = settings.HOME / "demo-login"
    if not path.exists():
        password = "-".join(secrets.token_hex(2) for _ in range(4))
        _run("user", "add", LOGIN, "--role", "manager", "--secrets-from-stdin",
             secrets_in={"password": password}, quiet=True)  # fmt: skip
        path.touch(mode=0o600)
        path.write_text(password)
    return path.read_text()


def _run(*words: str, secrets_in: dict[str, str] | None = None, quiet: bool = False) -> None:
    """One command, shown as it would be typed. Single refused records (exit code 3) are part of the demo."""
    if not quiet:
        shown = words if len(words) < 12 else (*words[:4], "…")
        print(f"\x1b[1m$ syncline {shlex.join(shown)}\x1b[0m".replace("'…'", "…"), flush=True)
    done = subprocess.run(
        [sys.executable, "-m", "syncline", *words],
        check=False,
        input=json.dumps(secrets_in) if secrets_in else None,
        text=True,
        stdout=subprocess.DEVNULL if quiet else None,
    )
    if done.returncode not in {0, 3}:
        raise Stop(
            f"The demo's step `syncline {words[0]}` failed.",
            "Begin again with `make demo-reset`, and tell us.",
        )


def _say_where(address: str, password: str, output: Output) -> None:
    output.say(f"\n[bold green]The console is at {address}[/bold green]")
    output.say(f"  Sign in as [bold]{LOGIN}[/bold] with the password [bold]{password}[/bold]\n")
    output.say("[dim]Try, in another terminal:[/dim]")
    prefix = f"SYNCLINE_HOME={shlex.quote(os.path.relpath(settings.HOME))} SYNCLINE_ALLOW_LOOPBACK=1"
    output.say(f"  export {prefix}")
    output.say(
        f"  .venv/bin/syncline explain '{ACCOUNT}' SOMEBODY@EXAMPLE.COM    why somebody is or is not synced"
    )
    output.say(f"  .venv/bin/syncline plan '{ACCOUNT}' lists_out    what the next sync would do")
    output.say("\nCtrl-C stops everything that the demo has started.")
