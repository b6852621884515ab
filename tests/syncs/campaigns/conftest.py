"""The world of the campaign sync: both sandboxes, our tables in Dynamics, and a campaign that went out."""

from __future__ import annotations

import pytest

from sandbox_process import DataverseSandbox
from syncline.accounts.campaign_levels import CampaignLevel
from tests.our_tables import provision
from tests.syncs.campaigns.scene import NOW, Scene
from tests.syncs.marketing_lists.conftest import world as world
from tests.syncs.world import World


@pytest.fixture
def provisioned(world: World, dataverse: DataverseSandbox) -> World:
    provision(dataverse, world.crm)
    world.account.provisioned = True
    world.account.save()
    return world


@pytest.fixture
def scene(provisioned: World) -> Scene:
    """Thursday in Dotdigital. Every campaign is synced in detail unless a test says otherwise."""
    provisioned.sandbox_dotdigital.control.set_clock(NOW)
    provisioned.account.campaign_level = CampaignLevel.DETAILED
    provisioned.account.save()
    return Scene(provisioned)
