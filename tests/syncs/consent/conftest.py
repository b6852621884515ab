"""The world of the consent syncs: both sandboxes, an account between them, and our tables in Dynamics."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox_process import DataverseSandbox, start_dotdigital
from tests.our_tables import provision
from tests.syncs.marketing_lists.conftest import world as world
from tests.syncs.world import World


@pytest.fixture
def provisioned(world: World) -> World:
    provision(world.sandbox_dataverse, world.crm)
    world.account.provisioned = True
    world.account.save()
    return world


@pytest.fixture
def south(provisioned: World, dataverse: DataverseSandbox, tmp_path: Path) -> Iterator[World]:
    """A second account, with a Dotdigital of its own, on the same Dynamics environment."""
    with start_dotdigital(tmp_path) as other:
        found = World(dataverse, other)
        found.account.provisioned = True
        found.account.save()
        yield found
