"""The world of marketing preferences: two topics, and people in a list of both sides."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.skipped_time import skipped_time
from tests.syncs.consent.conftest import provisioned as provisioned
from tests.syncs.consent.conftest import south as south
from tests.syncs.marketing_lists.conftest import world as world
from tests.syncs.preferences.scene import Scene
from tests.syncs.world import World


@pytest.fixture
def scene(provisioned: World) -> Iterator[Scene]:
    """Waiting costs no time."""
    with skipped_time(provisioned), Scene(provisioned) as found:
        yield found
