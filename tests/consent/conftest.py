"""An account between the two sandboxes, for what a person does about somebody's consent."""

from collections.abc import Iterator

import pytest

from sandbox_process import DataverseSandbox, DotdigitalSandbox
from syncline.accounts.clients import close_clients
from syncs.world import World


@pytest.fixture
def world(
    transactional_db: None, dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox
) -> Iterator[World]:
    yield World(dataverse, dotdigital)
    close_clients()
