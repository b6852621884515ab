"""The world of contact scoring: that of the consent syncs, for both need our columns in Dynamics."""

from tests.syncs.consent.conftest import provisioned as provisioned
from tests.syncs.marketing_lists.conftest import world as world
