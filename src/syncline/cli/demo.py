"""`syncline demo`: both vendors on this machine, an account between them, and a real two-way sync to watch.

Everything goes the way it goes with real systems: the demo runs the very commands that an operator types, and
shows them. What people do between two syncs goes to each vendor directly, past Syncline.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from django.conf import settings
from rich.markup import escape

from syncline.accounts.models import EmailAccount, User
from syncline.campaigns.models import Campaign
from syncline.cli.database import migrate
from syncline.cli.demo_people import BY_HAND, Dotdigital, Dynamics, Story, a_day, members
from syncline.cli.demo_processes import Processes, stop_leftovers
from syncline.cli.exit_codes import ExitCode
from syncline.cli.output import MARKS, Output, Stop
from syncline.ledger.models import Outcome, Run

ACCOUNT: Final = "Northwind Outdoor"
LOGIN: Final = "demo"
HOME: Final = Path("var/demo")
NEWSLETTER: Final = "Newsletter"
OTHER_LISTS: Final = ("Leeds and Bristol", "Spring fair visitors", "Key accounts")
"""The catalogue that goes by post is left out, for that is a choice too."""
IN_DETAIL: Final = 8
"""So many of the latest campaigns are synced with what each person did; more would take more calls than
Dotdigital allows in a minute, and somebody is waiting.
"""

_OURS: Final = {"SYNCLINE_HOME", "SYNCLINE_ALLOW_LOOPBACK", "SYNCLINE_LOG_LEVEL", "SYNCLINE_LOG_FORMAT"}
"""Settings that a demo has; all others are an installation's, which a demo must not meddle with."""


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
    """Set up a local Dynamics, a local Dotdigital and an account, sync them, and leave the console running.

    The data is kept in var/demo. A second start goes on with it.
    """
    with _alone():
        _enter_demo_home(reset=reset)
        output = Output(as_json=False)
        try:
            with Processes(settings.HOME, output.say) as processes:
                _Demo(processes, output).play(port, once=once)
        except KeyboardInterrupt:
            output.say("Stopped before it was through; `make demo` goes on from there.")
            raise typer.Exit(ExitCode.INTERRUPTED) from None
    output.say(
        "Everything is stopped. `make demo` goes on with the same data; `make demo-reset` begins again."
    )


@contextmanager
def _alone() -> Iterator[None]:
    """One demo at a time in a folder."""
    HOME.parent.mkdir(parents=True, exist_ok=True)
    with HOME.with_suffix(".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Stop(
                "The demo is running already, from this folder.", "Stop it where it runs, with Ctrl-C."
            ) from None
        yield


def _enter_demo_home(*, reset: bool) -> None:
    """A demo has settings of its own, and settings are read when a program starts: so it starts anew with
    them.
    """
    home = HOME.resolve()
    stop_leftovers(home)
    if reset:
        shutil.rmtree(home, ignore_errors=True)
    theirs = [name for name in os.environ if name.startswith("SYNCLINE_") and name not in _OURS]
    if not reset and not theirs and home == settings.HOME and settings.ENVIRONMENT.allow_loopback:
        return
    for name in theirs:
        del os.environ[name]
    os.environ |= {"SYNCLINE_HOME": str(home), "SYNCLINE_ALLOW_LOOPBACK": "1"}
    words = [word for word in sys.argv[1:] if word != "--reset"]
    os.execv(sys.executable, [sys.executable, "-m", "syncline", *words])


@dataclass
class _Demo:
    processes: Processes
    output: Output

    def play(self, port: int, *, once: bool) -> None:
        self._introduce()
        started = [self.processes.sandbox("dataverse", "--tls-port"), self.processes.sandbox("dotdigital")]
        migrate()
        dataverse, dotdigital = (self.processes.ready_line(one) for one in started)
        console, address = self.processes.console(port)
        fresh = self._is_new("account")
        self.output.say(
            f"  Dynamics     {dataverse['base_url']}"
            + ("    600 contacts, 160 leads, 40 companies, 5 marketing lists" if fresh else "")
        )
        self.output.say(
            f"  Dotdigital   {dotdigital['base_url']}"
            + ("    180 contacts, 10 of them suppressed" if fresh else "")
        )
        password = self._login()
        if self._is_new("account"):
            self._connect(dataverse, dotdigital)
        if self._is_new("lists"):
            self._choose_lists()
        self.processes.wait_until_answering(console, address)
        if self._is_new("day"):
            self._sync_twice(Dynamics(dataverse), Dotdigital(dotdigital))
        else:
            self._heading("The same data as last time. What is new since then?")
            self._sync_all()
        self._say_where(address, password)
        if not once:
            self.processes.stay_up()

    def _introduce(self) -> None:
        self.output.say("[bold]Syncline[/bold] keeps Microsoft Dynamics 365 and Dotdigital in step.")
        self.output.say("For this demo both run here, as sandboxes full of invented people.")
        self.output.say("Nothing leaves this machine. Everything is kept in var/demo.\n")

    # Setting up

    def _connect(self, dataverse: dict[str, Any], dotdigital: dict[str, Any]) -> None:
        self._heading("1. Connect the two: an operator adds an account, and both sides are checked")
        if not EmailAccount.objects.filter(name=ACCOUNT).exists():
            self._run(
                *("account", "add", "--name", ACCOUNT),
                *("--dynamics-url", dataverse["base_url"]),
                *("--tenant-id", dataverse["tenant_id"], "--client-id", dataverse["client_id"]),
                *("--authority", dataverse["authority"], "--ca-file", dataverse["ca_file"]),
                *("--dotdigital", dotdigital["base_url"], "--dotdigital-user", dotdigital["api_user"]),
                *("--description", "Outdoor clothing, sold online and in nine shops"),
                "--secrets-from-stdin",
                secrets_in={
                    "client_secret": dataverse["client_secret"],
                    "dotdigital_password": dotdigital["api_password"],
                },
            )
        self._run("provision", ACCOUNT, "--yes", show=False, tell=True)
        self.output.paragraph(
            "Dynamics has columns for the settings of its marketing lists now, and tables of sync notes, "
            "suppressions and marketing preferences. "
            "(With --plan in place of --yes it tells each beforehand. Syncline works without them, too.)",
            mark=MARKS["ok"],
            indent=2,
        )
        self._suppress_by_hand(Dynamics(dataverse))
        self._done("account")

    def _suppress_by_hand(self, dynamics: Dynamics) -> None:
        for address, why in BY_HAND.items():
            dynamics.suppress(address, why)
        self.output.paragraph(
            f"In Dynamics, colleagues put {len(BY_HAND)} people on the new suppression list by hand.",
            mark="•",
            indent=2,
        )

    def _choose_lists(self) -> None:
        self._heading("2. Choose the marketing lists that go to Dotdigital")
        self.output.paragraph(
            "Whoever joined the newsletter in Dotdigital and is a contact in Dynamics already is to join "
            "the marketing list too.\n"
        )
        self._run(
            *("lists", ACCOUNT, "--activate", NEWSLETTER, "--membership", "allow_known"),
            show=False,
            tell=True,
        )
        self._run("lists", ACCOUNT, *(word for name in OTHER_LISTS for word in ("--activate", name)))
        self._done("lists")

    def _login(self) -> str:
        """The demo user's password, made once and kept with the demo's data."""
        path = settings.HOME / "demo-login"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text("-".join(secrets.token_hex(2) for _ in range(4)))
        password = path.read_text()
        if not User.objects.filter(username=LOGIN).exists():
            words = ("user", "add", LOGIN, "--role", "manager", "--secrets-from-stdin")
            self._run(*words, secrets_in={"password": password}, show=False)
        return password

    # Syncing

    def _sync_twice(self, dynamics: Dynamics, dotdigital: Dotdigital) -> None:
        self._heading("3. Sync for the first time")
        self._sync_all()
        self._show_campaigns_in_detail()
        first = Run.objects.filter(sync_type="lists_out", plan_only=False).latest("pk")
        people = members(first, NEWSLETTER, 4)
        if len(people) < 4:
            raise Stop("The first sync brought too few people in step.", "Begin again: make demo-reset")
        self._heading("4. A day goes by: people change things on both sides")
        stories = a_day(dynamics, dotdigital, people)
        for story in stories:
            self.output.paragraph(escape(story.told), mark="•", indent=2)
        self._heading("5. Sync again: only what changed travels, each change its own way")
        self._run("sync", ACCOUNT, "lists_out")
        self._look(stories)
        self._done("day")

    def _sync_all(self) -> None:
        self._run("sync", ACCOUNT, "crm_metadata")
        self._run("sync", ACCOUNT, "labels")
        self._run("sync", ACCOUNT, "lists_out")
        self._run("sync", ACCOUNT, "opt_in")
        self._run("sync", ACCOUNT, "scoring")
        self._run("sync", ACCOUNT, "forms")
        self._run("sync", ACCOUNT, "campaigns")

    def _show_campaigns_in_detail(self) -> None:
        sent = Campaign.objects.filter(account__name=ACCOUNT, sent_at__isnull=False).order_by("-sent_at")
        numbers = [str(one.campaign_id) for one in sent[:IN_DETAIL]]
        self.output.paragraph(
            f"\nOf the latest {len(numbers)} campaigns Dynamics is to hold what each person did, too.\n"
        )
        chosen = [word for number in numbers for word in ("--campaign", number)]
        self._run("campaigns", ACCOUNT, "--level", "detailed", *chosen, show=False, tell=True)
        self._run("sync", ACCOUNT, "campaigns")

    def _look(self, stories: list[Story]) -> None:
        """Ask both sides, not Syncline, what they hold now."""
        self.output.say("\nA look into Dynamics and Dotdigital themselves:")
        for story in stories:
            mark = MARKS["ok" if story.came_true() else "fail"]
            self.output.paragraph(escape(story.outcome), mark=mark, indent=2)

    def _say_where(self, address: str, password: str) -> None:
        self.output.say(f"\n[bold green]The console is at {address}[/bold green]")
        self.output.say(f"  Sign in as [bold]{LOGIN}[/bold] with the password [bold]{password}[/bold]\n")
        somebody = Outcome.objects.filter(reason="suppressed").values_list("person_key", flat=True).last()
        command = f"{os.path.relpath(sys.executable)} -m syncline"
        if Path(sys.executable).with_name("syncline").exists():
            command = os.path.relpath(Path(sys.executable).with_name("syncline"))
        self.output.say("To look around from another terminal:")
        home = shlex.quote(os.path.relpath(settings.HOME))
        self.output.say(f"  export SYNCLINE_HOME={home} SYNCLINE_ALLOW_LOOPBACK=1")
        self.output.say(f"  {command} explain {shlex.quote(ACCOUNT)} {somebody}")
        self.output.say(f"  {command} plan {shlex.quote(ACCOUNT)} lists_out")
        self.output.say("\n[bold]Ctrl-C stops everything that the demo has started.[/bold]")

    # How it is told

    def _heading(self, text: str) -> None:
        self.output.say(f"\n[bold cyan]{escape(text)}[/bold cyan]")

    def _run(
        self, *words: str, secrets_in: dict[str, str] | None = None, show: bool = True, tell: bool = False
    ) -> None:
        """One command, shown as it would be typed. Single refused records (exit code 3) are part of the
        demo.
        """
        if show or tell:
            self.output.paragraph(f"[bold]{escape(_typed(words))}[/bold]", mark="[bold]$[/bold]")
        code = self.processes.run(
            [sys.executable, "-m", "syncline", *words], json.dumps(secrets_in or {}), show=show
        )
        if code not in {ExitCode.OK, ExitCode.ATTENTION}:
            raise Stop(
                f"The demo's step `syncline {words[0]}` failed.", "Begin again with `make demo-reset`."
            )

    # What has been done, so that a demo that was stopped half way goes on from there

    def _is_new(self, step: str) -> bool:
        return step not in _steps_done()

    def _done(self, step: str) -> None:
        _steps_path().write_text(json.dumps([*_steps_done(), step]))


def _steps_path() -> Path:
    return settings.HOME / "demo-steps.json"


def _steps_done() -> list[str]:
    done: list[str] = json.loads(_steps_path().read_text()) if _steps_path().exists() else []
    return done


def _typed(words: tuple[str, ...]) -> str:
    """As it would be typed; of many options only the first."""
    return f"syncline {shlex.join(words[:4])} …" if len(words) > 12 else f"syncline {shlex.join(words)}"
