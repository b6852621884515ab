"""The world of a list sync, for tests that break it."""

from tests.syncs.lists_out.conftest import world as world
