"""The questions of the way from one side to the other, each with what decides it."""

from collections.abc import Sequence

from syncline.accounts.models import EmailAccount
from syncline.consent.gate import why
from syncline.consent.suppression_reasons import reason_of
from syncline.people.facts import CrmFlag, PersonFacts
from syncline.syncs.marketing_lists.decide import standing
from syncline.syncs.marketing_lists.explained import Asked, Target
from syncline.syncs.reasons import REASONS

_MARKS = {"do_not_bulk_email": CrmFlag.DO_NOT_BULK_EMAIL, "do_not_email": CrmFlag.DO_NOT_EMAIL}


def consent_gates(person: PersonFacts) -> list[Asked]:
    """The gate that every write passes, question by question."""
    told = []
    for gate, is_open in why(standing(person)):
        entry = REASONS[gate.code]
        told.append(
            Asked(
                gate.code,
                gate.question,
                is_open,
                words="" if is_open else " ".join(filter(None, [entry.words, _detail(person, gate.code)])),
                remedy="" if is_open else entry.remedy,
                targets=[] if is_open else _targets(person, gate.code),
            )
        )
    return told


def account_gate(account: EmailAccount) -> Asked:
    target = Target("account", account.name, str(account.pk))
    return Asked(
        "account_disabled",
        "The account is enabled",
        not account.disabled,
        words="The account is disabled, which stops every sync." if account.disabled else "",
        remedy="Enable it once it may sync again." if account.disabled else "",
        targets=[target] if account.disabled else [],
    )


def first_shut(gates: Sequence[Asked]) -> Asked | None:
    return next((gate for gate in gates if not gate.is_open), None)


def record_target(entity: str, record_id: str, name: str) -> Target:
    return Target("record", name or record_id, record_id, entity)


def _detail(person: PersonFacts, code: str) -> str:
    match code:
        case "suppressed":
            reason = reason_of(person.suppressed_for)
            return f"{reason.name}: {reason.words}"
        case "not_subscribed":
            return f"Its status there: {person.status}."
        case "opted_out_before":
            return f"That was {person.opted_out_as}."
        case "address_moved":
            return f"There it is {person.known_as}." if person.known_as else ""
        case _:
            return ""


def _targets(person: PersonFacts, code: str) -> list[Target]:
    """The records whose mark shuts the gate; the other address where that does."""
    if code == "opted_out_before":
        return [Target("address", person.opted_out_as, person.opted_out_as)]
    if code == "address_moved" and person.known_as:
        return [Target("address", person.known_as, person.known_as)]
    if code in _MARKS:
        deciding = [record for record in person.records if record.flags & _MARKS[code]]
    elif code in {"no_address", "invalid_address"}:
        deciding = person.records
    else:
        return []
    return [record_target(record.entity, record.record_id, record.name) for record in deciding]
