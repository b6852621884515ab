"""The command line as a person or a program meets it: arguments in; output and an exit code back."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from typer.testing import CliRunner

from sandbox_process import DataverseSandbox, DotdigitalSandbox
from syncline.accounts.clients import close_clients
from syncline.cli import app
from syncline.engine import client as engine
from syncline.engine.models import Worker
from syncline.ledger.models import UNDER_WAY
from syncline.ledger.models import Run as StoredRun
from syncline.syncs.running import advance


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def results(self) -> list[dict[str, Any]]:
        """Every line of stdout as JSON, which with `--json` each must be."""
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """`run("account", "list", "--json")`; `stdin` is what is typed or piped in."""
    monkeypatch.setenv("COLUMNS", "200")

    def invoke(*arguments: str, stdin: str = "", **environment: str) -> Ran:
        result = CliRunner().invoke(app, list(arguments), input=stdin, env=environment)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(result.exit_code, result.stdout, result.stderr)

    yield invoke
    close_clients()
    engine.close()


@pytest.fixture
def sandbox_allowed(settings: Any) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, allow_loopback=True)


@dataclass(frozen=True)
class Joining:
    """What `account add` wants to know about the two sandboxes."""

    arguments: list[str]
    secrets: dict[str, str]

    @property
    def on_stdin(self) -> str:
        return json.dumps(self.secrets)


@pytest.fixture
def joining(sandbox_allowed: None, dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox) -> Joining:
    return Joining(
        arguments=[
            *("--dynamics-url", dataverse.base_url, "--authority", dataverse.authority),
            *("--ca-file", str(dataverse.ca_file), "--tenant-id", dataverse.tenant_id),
            *("--client-id", dataverse.client_id, "--dotdigital", dotdigital.base_url),
            *("--dotdigital-user", dotdigital.api_user),
        ],
        secrets={
            "client_secret": dataverse.client_secret,
            "dotdigital_password": dotdigital.api_password,
        },
    )


@pytest.fixture
def contoso(run: Run, joining: Joining) -> str:
    """An account called Contoso, added as an operator adds one."""
    ran = run(
        *("account", "add", "--name", "Contoso", "--secrets-from-stdin", "--json"),
        *joining.arguments,
        stdin=joining.on_stdin,
    )
    assert ran.code == 0, ran.out + ran.err
    return "Contoso"


@pytest.fixture
def somebody_at_work(transactional_db: None) -> Iterator[None]:
    """Carries out what is queued, as a worker elsewhere would."""
    now = datetime.now(UTC)
    Worker.objects.create(
        executor_id="worker-1", pid=1, host="here", started_at=now, heartbeat_at=now + timedelta(hours=1)
    )
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.02):
            for key in StoredRun.objects.filter(status__in=UNDER_WAY).values_list("key", flat=True):
                advance(str(key))
        connections.close_all()

    worker = threading.Thread(target=work, name="worker")
    worker.start()
    yield
    stop.set()
    worker.join()
