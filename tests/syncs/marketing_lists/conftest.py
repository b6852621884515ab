"""The world of a list sync: both sandboxes and an account between them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox_process import DataverseSandbox, DotdigitalSandbox
from syncline.accounts.clients import close_clients
from syncline.engine import client as engine_client
from syncline.ledger import batches
from tests.syncs.world import World


@pytest.fixture
def world(
    transactional_db: None,
    dataverse: DataverseSandbox,
    dotdigital: DotdigitalSandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    """Ends with the connections to the vendors and to the engine's queue closed; the sandboxes go on for the
    next test.
    """
    monkeypatch.setattr(batches, "FIRST_LOOK_S", 0.01)
    try:
        yield World(dataverse, dotdigital)
    finally:
        close_clients()
        engine_client.close()
