"""What a first run of Suppressions costs in calls: it grows with pages and messages, not with people."""

from __future__ import annotations

from syncline.accounts.admin_log import OPERATOR
from syncline.ledger.fuse import WIDEST_SHARE, Limit, set_limit
from syncline.ledger.models import FuseKind
from tests.syncs.world import World

PEOPLE = 250


def test_a_first_run_writes_in_the_largest_messages(provisioned: World) -> None:
    world = provisioned
    set_limit(world.account, "suppressions", FuseKind.SUPPRESSIONS, Limit(WIDEST_SHARE, 0), OPERATOR)
    world.sandbox_dataverse.control.seed(table="contact", count=PEOPLE)
    people = [{"email": f"person{n}@bulk.example", "status": "Unsubscribed"} for n in range(PEOPLE)]
    world.sandbox_dotdigital.control.seed(contacts=people)
    world.forget_calls()

    run = world.sync("suppressions")

    assert (run.status, run.updated) == ("completed", PEOPLE)
    assert world.writes() == {
        "POST /contacts/Microsoft.Dynamics.CRM.UpdateMultiple": 2,
        "POST /syncline_suppressions/Microsoft.Dynamics.CRM.UpsertMultiple": 1,
        "POST /syncline_suppressedemails/Microsoft.Dynamics.CRM.UpsertMultiple": 1,
    }
    routes = world.sandbox_dotdigital.control.journal()["routes"]
    # Only an empty page is the end.
    assert routes["GET /v2/contacts/suppressed-since/{date}"]["calls"] == 2
    assert routes["GET /contacts/v3"]["calls"] == 1
