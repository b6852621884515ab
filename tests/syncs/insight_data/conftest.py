"""The world of insight data: two people on a list that both sides have, and a table that was chosen."""

from __future__ import annotations

import pytest

from tests.syncs.insight_data.scene import Scene
from tests.syncs.marketing_lists.conftest import world as world
from tests.syncs.world import World


@pytest.fixture
def scene(world: World) -> Scene:
    """Alice and Bob are subscribed; opportunities go into the collection Deals."""
    return Scene(world)
