"""What the audit says of single rows."""

from collections import Counter
from collections.abc import Sequence

from syncline.insight import rows
from syncline.insight.models import InsightTable
from syncline.ledger import outcomes
from syncline.ledger.held import people_of
from syncline.ledger.models import Held
from syncline.ledger.outcomes import PLANNED, OutcomeRow
from syncline.people.store import to_json
from syncline.remote import RemoteError
from syncline.syncs.context import RunContext
from syncline.syncs.insight_data.decide import Decision, fields_of
from syncline.syncs.insight_data.tables import SYNC_TYPE, note, part_of
from syncline.syncs.marketing_lists.approved import CHANGED
from syncline.syncs.marketing_lists.parts import hold, let_go

RESULTS = {"create": "created", "update": "updated", "move": "updated", "remove": "removed"}
_LEFT_OUT = {
    "inactive": "not active",
    "nobody": "of nobody whom Syncline knows as a contact, lead or account",
    "no_subscriber": "of people who are not subscribed",
}


def outcome(part_id: int, decision: Decision, result: str, *, counts_as: str = "") -> OutcomeRow:
    after = decision.columns if decision.contact_id else ""
    return OutcomeRow(
        part_id=part_id,
        person_key=decision.person_key,
        name=decision.name,
        entity="",
        record_id=decision.row_id,
        side="dotdigital",
        result=result,
        action="remove" if decision.action == "remove" else "create" if not decision.sent else "update",
        reason=decision.reason,
        fields=to_json(fields_of(decision.sent, after)),
        counts_as=counts_as or result,
    )


def tell_done(context: RunContext, part_id: int, decisions: Sequence[Decision]) -> None:
    """These rows went through: created, updated or removed."""
    outcomes.record(
        context.run, [outcome(part_id, one, RESULTS[one.action]) for one in decisions], context.now()
    )


def tell_planned(context: RunContext, part_id: int, decisions: Sequence[Decision]) -> None:
    told = [outcome(part_id, one, PLANNED, counts_as=RESULTS[one.action]) for one in decisions]
    outcomes.record(context.run, told, context.now())


def tell_skipped(context: RunContext, part_id: int, decisions: Sequence[Decision]) -> None:
    """Rows that the gate kept back although the database had let them through."""
    told = [outcome(part_id, one, "skipped")._replace(action="none", fields="{}") for one in decisions]
    outcomes.record(context.run, told, context.now())


def tell_left_out(context: RunContext, part_id: int, decisions: Sequence[Decision]) -> None:
    told = [outcome(part_id, one, "skipped")._replace(action="none", reason=CHANGED) for one in decisions]
    outcomes.record(context.run, told, context.now())


def tell_kept(context: RunContext, part_id: int, kept: Sequence[tuple[Decision, RemoteError]]) -> None:
    """Records that Dotdigital did not let go of. Every run tries that anew, so nobody is held for it."""
    told = [
        outcome(part_id, one, "rejected")._replace(
            reason="removal_refused", detail=str(error), vendor_code=error.code[:64]
        )
        for one, error in kept
    ]
    outcomes.record(context.run, told, context.now())


def tell_refused(context: RunContext, rejected: Sequence[OutcomeRow]) -> None:
    """Rows that Dotdigital refused are held."""
    outcomes.record(context.run, rejected, context.now())
    hold(context, SYNC_TYPE, rejected)


def let_go_of_settled(context: RunContext) -> None:
    """People are held for as long as a row of theirs is refused as it is: one that went, closed or changed
    no longer counts.
    """
    held = Held.objects.filter(account=context.account)
    for keys in people_of(held, [SYNC_TYPE]):
        let_go(context, SYNC_TYPE, sorted(set(keys) - rows.people_refused(context.account.pk, keys)))


def tell_nobodys(context: RunContext, table: InsightTable) -> None:
    """Of the rows that were read and that nobody may have, only how many there are, and why."""
    found = rows.left_out(table.pk, context.run.pk)
    part = part_of(context, table)
    for kind, number in sorted(found.items()):
        note(part, f"{number:,} rows were left out: {_LEFT_OUT[kind]}.")
    outcomes.count(context.run, Counter({(part.pk, "skipped"): sum(found.values())}))
