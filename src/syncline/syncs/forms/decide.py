"""What a person's responses make of their contact or lead. Pure: no I/O and no clock.

An answer changes the one record that stands for the person, whichever table it is in. Only somebody whom
Dynamics does not know becomes a record, and only where the consent gate is open: a new record carries no
mark that would keep anybody from being mailed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from syncline.consent.gate import permit
from syncline.forms.last_said import Said
from syncline.mapping.conversion import ConversionError
from syncline.people.facts import MAILED, CrmFacts, CrmFlag, PersonFacts
from syncline.syncs.forms.column_rules import NO_RULES, Answers, FormRules
from syncline.syncs.marketing_lists.decide import standing
from syncline.syncs.marketing_lists.decisions import CrmCreate
from syncline.syncs.marketing_lists.newcomers import Refusal, new_row
from syncline.syncs.marketing_lists.rules import NeededColumn


class Answered(NamedTuple):
    """A complete response."""

    row_id: str
    form_key: int
    person_key: str
    answers: Answers
    completed: str = ""
    """UTC, as text that sorts."""


class Stopped(NamedTuple):
    """A response of which nothing is written, and why. `held`: somebody has to look at it."""

    answered: Answered
    reason: str
    detail: str = ""
    held: bool = False


class Change(NamedTuple):
    """One record, and the values that it is to have."""

    key: str
    entity: str
    record_id: str
    name: str
    columns: dict[str, Any]


@dataclass(frozen=True)
class Decision:
    """`written`: the responses that the change or the new record is made of."""

    written: Sequence[Answered]
    stopped: Sequence[Stopped]
    change: Change | None = None
    create: CrmCreate | None = None
    said: Said = field(default_factory=dict)
    """Of what goes into the columns."""


@dataclass(frozen=True)
class Rules:
    forms: Mapping[int, FormRules]
    """By `Form.pk`."""
    priority: Mapping[str, int]
    only_open_and_active: bool
    needed: Mapping[str, Sequence[NeededColumn]]
    unreadable: Mapping[str, str]
    """Table that may not be read → why, in words: who is in it by now is not known."""
    new_id: Callable[[str, str], str]

    def of(self, answered: Answered) -> FormRules:
        return self.forms.get(answered.form_key, NO_RULES)


def decide(person: PersonFacts, responses: Sequence[Answered], rules: Rules, last: Said) -> Decision:
    """`responses`: the person's, the earliest first; of two answers the later one stands. `last`: what they
    said before that, which an earlier response does not undo.
    """
    if person.erased:
        return Decision([], [Stopped(one, "erased") for one in responses])
    record = _record_of(person, rules)
    if record is not None:
        if why := rules.unreadable.get(record.entity):
            return Decision([], _held(responses, why))
        return _change(person.key, record, responses, rules, last)
    return _create(person, responses, rules, last)


def _record_of(person: PersonFacts, rules: Rules) -> CrmFacts | None:
    """The one that decides in the lists too: active before inactive, then by the order of tables."""
    records = [record for record in person.records if record.entity in MAILED]
    return min(
        records,
        key=lambda one: (one.flags & CrmFlag.INACTIVE, rules.priority[one.entity], one.record_id),
        default=None,
    )


def _change(key: str, record: CrmFacts, responses: Sequence[Answered], rules: Rules, last: Said) -> Decision:
    if rules.only_open_and_active and record.flags & CrmFlag.INACTIVE:
        return Decision([], [Stopped(one, "not_active") for one in responses])
    columns, written, stopped, said = _merged(record.entity, responses, rules, last)
    if not columns:
        return Decision(written, stopped)
    change = Change(key, record.entity, record.record_id, record.name, columns)
    return Decision(written, stopped, change, said=said)


def _create(person: PersonFacts, responses: Sequence[Answered], rules: Rules, last: Said) -> Decision:
    table = next((rules.of(one).creates for one in reversed(responses) if rules.of(one).creates), "")
    reason = "unknown_person" if not table else _why_not_new(person)
    if reason:
        return Decision([], [Stopped(one, reason) for one in responses])
    if rules.unreadable:
        # They may be there already, and have said there that they want no mail.
        return Decision([], _held(responses, " ".join(rules.unreadable.values())))
    columns, written, stopped, said = _merged(table, responses, rules, last)
    if not written:
        return Decision(written, stopped)
    record_id = rules.new_id(table, person.key)
    try:
        made = new_row(person.key, table, record_id, columns, rules.needed.get(table, ()))
    except Refusal as refusal:
        refused = [Stopped(one, refusal.reason, refusal.detail, held=True) for one in written]
        return Decision([], [*stopped, *refused])
    return Decision(written, stopped, create=made, said=said)


def _held(responses: Sequence[Answered], why: str) -> list[Stopped]:
    return [Stopped(one, "people_unreadable", why, held=True) for one in responses]


def _why_not_new(person: PersonFacts) -> str:
    """A code of `syncs/reasons.py`; empty where the person may become a record."""
    if person.was_anothers:
        return "former_address"
    verdict = permit(standing(person))
    return verdict if isinstance(verdict, str) else ""


def _merged(
    table: str, responses: Sequence[Answered], rules: Rules, last: Said
) -> tuple[dict[str, Any], list[Answered], list[Stopped], Said]:
    columns: dict[str, Any] = {}
    said: dict[str, str] = {}
    written, stopped = [], []
    for one in responses:
        form = rules.of(one)
        if broken := form.broken.get(table):
            stopped.append(Stopped(one, "conversion", " ".join(broken), held=True))
            continue
        try:
            values = form.values(table, one.answers)
        except ConversionError as error:
            stopped.append(Stopped(one, "conversion", str(error), held=True))
            continue
        written.append(one)
        for name, value in values.items():
            if one.completed >= last.get(f"{table}.{name}", ""):
                columns[name], said[f"{table}.{name}"] = value, one.completed
    return columns, written, stopped, said
