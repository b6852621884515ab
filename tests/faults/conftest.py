"""The world of a list sync, for tests that break it."""

from tests.syncs.marketing_lists.conftest import world as world
