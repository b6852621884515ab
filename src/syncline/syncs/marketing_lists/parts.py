"""The audit's row for each list of a run, and outcomes made from decisions."""

from collections.abc import Iterable
from typing import Any, Final

from syncline.dataverse import PRIVILEGE_MISSING, RowOutcome
from syncline.ledger.held import people_of
from syncline.ledger.models import Held, Run, RunPart
from syncline.ledger.outcomes import PLANNED, OutcomeRow
from syncline.ledger.undoing import undone_run
from syncline.people import store
from syncline.syncs.context import RunContext
from syncline.syncs.marketing_lists.decisions import Decision, Line
from syncline.syncs.reasons import words

OUT: Final = "MarketingListsDataOut"
IN: Final = "MarketingListsDataIn"

FAMILY: Final = "lists_out"
"""Under which both list syncs keep their held records: whatever one of them holds, either may let go."""


def writes_out(run: Run) -> bool:
    """Whether the run writes to Dotdigital as well: *Address books to Dynamics* does not."""
    return run.sync_type != "lists_in"


def audit_type_of(run: Run) -> str:
    """The audit's word for the lists of this run."""
    return OUT if writes_out(run) else IN


class Parts:
    """The parts of one run, made when first needed."""

    def __init__(self, context: RunContext, names: dict[int, str]) -> None:
        self._context = context
        self._names = names
        self._known: dict[tuple[str, int], int] = {}
        self.planned = context.run.plan_only
        """Whether what is told would only happen."""
        outward = writes_out(context.run)
        self._audit_type, self._side = (OUT, "dotdigital") if outward else (IN, "dynamics")

    def part_id(self, audit_type: str, list_id: int) -> int:
        found = self._known.get((audit_type, list_id))
        if found is None:
            part, _ = RunPart.objects.get_or_create(
                run=self._context.run,
                audit_type=audit_type,
                reference=list_id,
                defaults={"name": self._names.get(list_id, f"List {list_id}")},
            )
            found = self._known[audit_type, list_id] = part.pk
        return found

    def outcome(
        self,
        key: str,
        line: Line,
        result: str,
        *,
        reason: str = "",
        detail: str = "",
        code: str = "",
        fields: str = "{}",
        membership: str = "",
        lost: str = "{}",
    ) -> OutcomeRow:
        """An outcome on the side that the run is about. In a plan it is stored as planned, and counts as what
        it would become.
        """
        # Without names, over which a named tuple takes more than twice as long: every record has one.
        return OutcomeRow(
            self.part_id(self._audit_type, line.list_id),
            key,
            line.name,
            line.entity,
            line.record_id,
            self._side,
            PLANNED if self.planned and line.action != "none" else result,
            line.action,
            reason or line.reason,
            detail or line.detail,
            code[:64],
            fields,
            membership,
            lost,
            result,
        )


LIST_CLOSED: Final = "list_closed"
"""Our own code for a refusal that is about the marketing list and not about who is to enter or leave it."""


def refused(row: OutcomeRow, answer: RowOutcome) -> OutcomeRow:
    """The row with why Dynamics did not take it."""
    if answer.code == LIST_CLOSED:
        return row._replace(reason="list_closed", detail=answer.reason)
    reason = "not_permitted" if answer.code in PRIVILEGE_MISSING else "refused_by_dynamics"
    return row._replace(reason=reason, detail=answer.reason, vendor_code=answer.code[:64])


HELD_WITHOUT_A_CALL: Final = ("conversion", "required_column", "second_contact")
"""Reasons for which nothing is even tried, and that somebody has to look at."""


def result_of_idle(line: Line) -> str:
    """What a line counts as when nothing was to be written."""
    if line.reason in HELD_WITHOUT_A_CALL:
        return "rejected"
    return "skipped" if line.reason else "unchanged"


def settled_keys(decisions: Iterable[Decision]) -> list[str]:
    """Those of whom nothing is left for the next run."""
    return [decision.key for decision in decisions if not decision.comes_again]


def membership_of(decision: Decision, line: Line) -> str:
    """Whether the person joins or leaves the Dotdigital list of this line."""
    if line.action == "remove":
        return "left"
    return "joined" if line.action != "none" and line.list_id in decision.joins else ""


def fields_of(decision: Decision) -> str:
    """Label → [old, new], as the audit shows it."""
    changes: dict[str, Any] = {
        label: [decision.old.get(label), value] for label, value in decision.send.items()
    }
    if decision.moved_from:
        changes["EMAIL"] = [decision.moved_from, decision.key]
    return store.to_json(changes)


def lost_of(decision: Decision) -> str:
    """Label → [side, value] for each value in Dotdigital that lost a conflict."""
    return store.to_json(decision.lost) if decision.lost else "{}"


def hold(context: RunContext, sync_type: str, rows: Iterable[OutcomeRow]) -> None:
    """Keep refused records for a person to look at; a record that goes through later is let go by
    `let_go`. What an undo could not take back is told by its run: no sync would try that again.
    """
    if undone_run(context.run) is not None:
        return
    latest = {row.person_key: row for row in rows if row.result == "rejected"}
    Held.objects.bulk_create(
        [
            Held(
                account=context.account,
                sync_type=sync_type,
                person_key=row.person_key,
                entity=row.entity,
                record_id=row.record_id,
                reason=row.reason,
                detail=row.detail or words(row.reason),
                vendor_code=row.vendor_code,
                run=context.run,
            )
            for row in latest.values()
        ],
        update_conflicts=True,
        unique_fields=["account", "sync_type", "person_key"],
        update_fields=["entity", "record_id", "reason", "detail", "vendor_code", "run"],
    )


OUTSIDE_THE_RECORD: Final = ("contact_limit", "list_closed", "not_permitted", "required_column")
"""Reasons that the record itself cannot mend: it would never come again by itself."""


def try_held_again(context: RunContext) -> None:
    """Look again at everybody who is held for a cause outside of their record; it may have passed."""
    account, sync_type = context.account, context.run.sync_type
    goes_by_due = sync_type in store.DUE_SYNCS
    held = Held.objects.filter(account=account, reason__in=OUTSIDE_THE_RECORD)
    for keys in people_of(held, [sync_type if goes_by_due else FAMILY]):
        if goes_by_due:
            store.make_due(account.pk, sync_type, keys)
        else:
            store.touch(account.pk, keys)


def let_go(context: RunContext, sync_type: str, keys: list[str]) -> None:
    """These people went through: whatever was held of them is settled. An undo says nothing about that."""
    if undone_run(context.run) is not None:
        return
    held = Held.objects.filter(account=context.account, sync_type=sync_type)
    if keys and held.exists():
        for start in range(0, len(keys), 5000):
            held.filter(person_key__in=keys[start : start + 5000]).delete()
