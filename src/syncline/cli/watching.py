"""Following a run on the screen until it ends; where nobody else works, this process does the work
meanwhile.
"""

from __future__ import annotations

import shlex
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from syncline.cli.exit_codes import ExitCode
from syncline.cli.output import MARKS, Output
from syncline.engine.heartbeat import is_any_worker_alive
from syncline.engine.worker import run_worker
from syncline.ledger.models import UNDER_WAY, Run, RunStatus
from syncline.syncs.registry import SYNC_TYPES

LOOK_EVERY_S: Final = 0.25

CODES: Final = {
    RunStatus.COMPLETED: ExitCode.OK,
    RunStatus.COMPLETED_WITH_ERRORS: ExitCode.ATTENTION,
    RunStatus.FAILED: ExitCode.FAILED,
    RunStatus.CANCELLED: ExitCode.FAILED,
    RunStatus.WAITING: ExitCode.WAITING,
}
_DESERVE_A_LOOK: Final = (RunStatus.COMPLETED_WITH_ERRORS, RunStatus.WAITING)
_COUNTS: Final = ("created", "updated", "removed", "unchanged", "skipped", "rejected")


@contextmanager
def somebody_working() -> Iterator[None]:
    """A worker is at work inside: one that is there already, or one of this process."""
    if is_any_worker_alive():
        yield
        return
    stop = threading.Event()
    worker = threading.Thread(target=run_worker, kwargs={"stop": stop}, name="worker")
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join()


def follow(run: Run, output: Output) -> Run:
    """Show a run's progress until it has ended; the run as it then stands."""
    screen = Console(highlight=False)
    if output.as_json or not screen.is_terminal:
        return _wait(run)
    name = SYNC_TYPES[run.sync_type].name
    with Progress(
        SpinnerColumn(),
        TextColumn("[bold]{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("[dim]{task.fields[text]}"),
        TimeElapsedColumn(),
        console=screen,
        transient=True,
    ) as progress:
        task = progress.add_task(name, total=None, text="")
        while run.status in UNDER_WAY:
            progress.update(
                task,
                completed=run.progress_done,
                total=run.progress_total,
                text=run.progress_text or ("Added to Queue" if run.status == RunStatus.QUEUED else ""),
            )
            time.sleep(LOOK_EVERY_S)
            run.refresh_from_db()
    return run


def _wait(run: Run) -> Run:
    while run.status in UNDER_WAY:
        time.sleep(LOOK_EVERY_S)
        run.refresh_from_db()
    return run


def tell(run: Run, output: Output) -> None:
    """How a run went: its status, counts, message and remedy."""
    output.result(as_facts(run))
    good = run.status == RunStatus.COMPLETED
    mark = MARKS["ok" if good else "warn" if run.status in _DESERVE_A_LOOK else "fail"]
    took = (
        f" in {(run.ended_at - run.started_at).total_seconds():.1f} s"
        if run.ended_at and run.started_at
        else ""
    )
    name = SYNC_TYPES[run.sync_type].name
    output.paragraph(
        f"[bold]{name}[/bold]: {run.get_status_display()}{took}: {counts_in_words(run)}.", mark=mark
    )
    if run.message and not (good and run.message_code == "nothing_new"):
        output.paragraph(escape(run.message), indent=4)
        if run.remedy:
            output.paragraph(f"[dim]{escape(run.remedy)}[/dim]", mark="[dim]→[/dim]", indent=4)


def tell_how_to_decide(plan: Run, output: Output) -> None:
    """A plan waits for a person: the two commands that decide."""
    account = shlex.quote(plan.account.name)
    output.say(f"\nThis is plan {plan.pk}. To have exactly this done, or not:")
    output.say(f"  syncline approve {escape(account)} {plan.pk}")
    output.say(f"  syncline discard {escape(account)} {plan.pk}")


def counts_in_words(counted: object) -> str:
    told = [f"{number} {word}" for word in _COUNTS if (number := getattr(counted, word))]
    return ", ".join(told) if told else "nothing new"


def as_facts(run: Run) -> dict[str, object]:
    return {
        "run": run.pk,
        "key": str(run.key),
        "account": run.account.name,
        "sync_type": run.sync_type,
        "status": run.status,
        "plan": run.plan_only,
        "purpose": run.purpose,
        "approval": run.approval,
        "fuse": run.fuse,
        "queued_at": run.queued_at,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        **{word: getattr(run, word) for word in ("read", *_COUNTS)},
        "message_code": run.message_code,
        "message": run.message,
        "remedy": run.remedy,
    }
