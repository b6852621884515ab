"""How each change is told in the audit."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from syncline.consent import ledger
from syncline.consent.ledger import What
from syncline.ledger.outcomes import PLANNED, OutcomeRow
from syncline.people import store
from syncline.people.store import choices
from syncline.provisioning.consent_tables import OPT_IN_LABELS
from syncline.syncs.consent.changes import Change, Kind, Stop
from syncline.syncs.context import RunContext
from syncline.syncs.marketing_lists.parts import Parts


class Telling(NamedTuple):
    action: str
    result: str
    field: str
    """What is written, as the audit names it."""
    old: Any
    new: Any
    """None: the reason of the suppression; of an opt-in type or a choice both values are told in words."""


UNSUBSCRIBERS: Final = "Unsubscribers"
"""The audit's word for a list that somebody left."""

BULK_EMAIL: Final = "donotbulkemail"
TOLD_AS: Final[Mapping[Kind, Telling]] = {
    Kind.MARK: Telling("update", "updated", BULK_EMAIL, False, True),
    Kind.UNMARK: Telling("update", "updated", BULK_EMAIL, True, False),
    Kind.RECORD: Telling("create", "created", "syncline_suppression", None, None),
    Kind.STRIKE: Telling("remove", "removed", "syncline_suppression", "suppressed", ""),
    Kind.LEAVE: Telling("remove", "removed", "listmember", "member", ""),
    Kind.ENTER: Telling("create", "created", "syncline_suppressedemail", None, None),
    Kind.RELEASE: Telling("remove", "removed", "syncline_suppressedemail", "suppressed", ""),
    Kind.SUPPRESS: Telling("update", "updated", "email status", None, "suppressed"),
    Kind.RAISE: Telling("update", "updated", "syncline_optintype", None, None),
    Kind.CHOOSE: Telling("update", "updated", "preference", None, None),
    Kind.KEEP: Telling("update", "updated", "preference", None, None),
}
_NEW_ROW: Final = Telling("create", "created", "preference", None, None)
IN_DOTDIGITAL: Final = frozenset({Kind.SUPPRESS, Kind.CHOOSE})
CHOICES: Final[Mapping[int, str | None]] = {choices.NOTHING: None, choices.NO: "No", choices.YES: "Yes"}


def outcome_of(parts: Parts, key: str, change: Change, result: str = "", *, detail: str = "") -> OutcomeRow:
    """`result`: empty where it went through. In a plan it is stored as planned, and counts as what it would
    become.
    """
    told = _NEW_ROW if change.kind == Kind.KEEP and not change.version else TOLD_AS[change.kind]
    counts_as = result or told.result
    planned = parts.planned and not result
    old, new = _values(told, change)
    return OutcomeRow(
        part_id=parts.part_id(UNSUBSCRIBERS, change.list_id) if change.list_id else None,
        person_key=key,
        name=change.name,
        entity=change.entity,
        record_id=change.record_id,
        side="dotdigital" if change.kind in IN_DOTDIGITAL else "dynamics",
        result=PLANNED if planned else counts_as,
        action=told.action,
        detail=detail or _since(change),
        fields=store.to_json({change.label or told.field: [old, new]}),
        membership="left" if change.kind == Kind.LEAVE and counts_as != "rejected" else "",
        counts_as=counts_as,
    )


def stop_of(parts: Parts, key: str, stop: Stop) -> OutcomeRow:
    """A choice that is left as it is."""
    return OutcomeRow(
        part_id=None,
        person_key=key,
        name="",
        entity="",
        record_id="",
        side="dotdigital",
        result="skipped",
        action="none",
        reason=stop.reason,
        fields=store.to_json({stop.label: [None, None]}),
        counts_as="skipped",
    )


def _values(told: Telling, change: Change) -> tuple[Any, Any]:
    if change.kind == Kind.RAISE:
        return OPT_IN_LABELS.get(change.before), OPT_IN_LABELS[change.after]
    if change.kind in {Kind.CHOOSE, Kind.KEEP}:
        return CHOICES[change.before], CHOICES[change.after]
    return told.old, change.reason if told.new is None else told.new


_LEDGER: Final[Mapping[Kind, tuple[What, str, str]]] = {
    Kind.MARK: (What.DO_NOT_BULK_EMAIL, "no", "yes"),
    Kind.UNMARK: (What.DO_NOT_BULK_EMAIL, "yes", "no"),
    Kind.ENTER: (What.CRM_SUPPRESSION, "", "listed"),
    Kind.RELEASE: (What.CRM_SUPPRESSION, "listed", ""),
}
"""What the consent ledger keeps of it. A suppression is entered where it is stored; a record and a list say
what somebody's consent is, and do not change it.
"""


def entry_of(context: RunContext, key: str, change: Change) -> list[ledger.Change]:
    """The ledger's entry of a change that went through, if it changes anybody's consent."""
    if change.kind not in _LEDGER:
        return []
    what, before, after = _LEDGER[change.kind]
    evidence = {"entity": change.entity, "record": change.record_id, "reason": change.reason}
    return [
        ledger.Change(
            context.account.pk,
            key,
            context.now(),
            what,
            before,
            after,
            ledger.Source.SYNC,
            evidence={name: value for name, value in evidence.items() if value},
            run_id=context.run.pk,
        )
    ]


def _since(change: Change) -> str:
    return f"Suppressed in Dotdigital since {change.since[:10]}." if change.since else ""
