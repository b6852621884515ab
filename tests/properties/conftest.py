"""The world of a list sync, for properties that hold in every history of it."""

from tests.syncs.marketing_lists.conftest import world as world
