"""The world of web behaviour: both sandboxes and our tables in Dynamics, on a Thursday in Dotdigital."""

from __future__ import annotations

import pytest

from tests.syncs.campaigns.conftest import provisioned as provisioned
from tests.syncs.campaigns.conftest import world as world
from tests.syncs.web_visits.scene import ALICE, BOB, NOW, Scene
from tests.syncs.world import World


@pytest.fixture
def scene(provisioned: World) -> Scene:
    provisioned.sandbox_dotdigital.control.set_clock(NOW)
    made = Scene(provisioned)
    made.contacts(ALICE, BOB)
    return made
