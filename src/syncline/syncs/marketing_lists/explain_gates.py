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


def gate(
    code: str,
    question: str,
    is_open: bool,
    why: str,
    remedy: str = "",
    targets: Sequence[Target] = (),
) -> Asked:
    """Words, remedy and targets only where it is shut."""
    return Asked(code, question, True) if is_open else Asked(code, question, False, why, remedy, targets)


def consent_gates(person: PersonFacts) -> list[Asked]:
    """The gate that every write passes, question by question."""
    told = []
    for asked, is_open in why(standing(person)):
        if is_open:
            told.append(Asked(asked.code, asked.question, is_open=True))
            continue
        entry = REASONS[asked.code]
        words = " ".join(filter(None, [entry.words, _detail(person, asked.code)]))
        targets = _targets(person, asked.code)
        told.append(Asked(asked.code, asked.question, False, words, entry.remedy, targets))
    return told


def account_gate(account: EmailAccount) -> Asked:
    return gate(
        "account_disabled",
        "The account is enabled",
        not account.disabled,
        "The account is disabled, which stops every sync.",
        "Enable it once it may sync again.",
        [account_target(account)],
    )


def first_shut(gates: Sequence[Asked]) -> Asked | None:
    return next((gate for gate in gates if not gate.is_open), None)


def account_target(account: EmailAccount) -> Target:
    return Target("account", account.name, str(account.pk))


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
