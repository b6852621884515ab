"""A client of the sandbox, whose waits cost no time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from remote.stopped_clock import SandboxClock
from sandbox_process import Control, DotdigitalSandbox
from syncline.dotdigital import Account, Dotdigital, ImportReport, ImportRow, Patience


def account_of(sandbox: DotdigitalSandbox, **changes: str) -> Account:
    given = {"base_url": sandbox.base_url, "api_user": sandbox.api_user, "api_password": sandbox.api_password}
    return Account(**{**given, **changes})


@pytest.fixture
def clock(dotdigital: DotdigitalSandbox) -> SandboxClock:
    return SandboxClock(dotdigital.control)


@pytest.fixture
def control(dotdigital: DotdigitalSandbox) -> Control:
    return dotdigital.control


@pytest.fixture
def client(dotdigital: DotdigitalSandbox, clock: SandboxClock) -> Iterator[Dotdigital]:
    with Dotdigital(account_of(dotdigital), clock=clock, patience=Patience(patience_s=200)) as client:
        yield client


@dataclass
class Importing:
    """Imports, waited for by moving the sandbox's clock."""

    client: Dotdigital
    control: Control

    def __call__(self, *rows: ImportRow | bytes, **options: Any) -> ImportReport:
        import_id = self.client.import_contacts(rows, **options)
        assert not self.client.import_report(import_id).finished
        self.control.advance(60)
        return self.client.import_report(import_id)


@pytest.fixture
def importing(client: Dotdigital, control: Control) -> Importing:
    return Importing(client, control)
