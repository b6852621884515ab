"""The world of the consent syncs: both sandboxes, an account between them, and our tables in Dynamics."""

from __future__ import annotations

import pytest

from syncline import provisioning
from tests.syncs.marketing_lists.conftest import world as world
from tests.syncs.world import World


@pytest.fixture
def provisioned(world: World) -> World:
    provisioning.apply(world.crm, provisioning.plan(world.crm))
    world.account.provisioned = True
    world.account.save()
    return world
