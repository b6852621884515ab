"""What both sides have to say about one preference of one person: pure.

Each side is compared with what both last agreed on. Where both have changed, the later choice counts, and
where nobody can tell which was the later, the no.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from syncline.consent.gate import Permit, permit
from syncline.people.store.choices import NO, NOTHING, YES, Told
from syncline.syncs.consent.changes import About, Change, ChoiceHeld, Decision, Kind, Stop
from syncline.syncs.consent.decide import Facts, Rules, mailed
from syncline.syncs.context import CLOCKS_DIFFER_BY
from syncline.syncs.marketing_lists.decide import standing

DOUBT_MS: Final = int(CLOCKS_DIFFER_BY.total_seconds() * 1000)
"""Two moments that the clocks of two vendors tell are in no order where they are nearer than this."""

DISAGREE: Final = "records_disagree"


def decide_preferences(facts: Facts, rules: Rules) -> Decision:
    """Marketing preferences, both ways, of somebody whom both sides know.

    A yes goes to Dotdigital only for whom every gate is open; a no goes in any case.
    """
    del rules
    person = facts.person
    if person.contact_id is None or person.erased:
        return Decision(person.key)
    gate = permit(standing(person))
    changes: list[Change] = []
    agreed: list[tuple[int, int]] = []
    stops: list[Stop] = []
    for about in facts.choices:
        value, stop, since_ms = verdict(about.told, about.rows)
        is_new_there = value not in {NOTHING, about.told.told}
        if is_new_there and value == YES and not isinstance(gate, Permit):
            stop = gate
        if stop:
            stops.append(Stop(about.label, stop))
        if stop or value == NOTHING:
            continue
        if is_new_there:
            changes.append(_choose(facts, about, value))
        changes += _keep(facts, about, value, since_ms)
        agreed.append((about.preference, value))
    return Decision(person.key, tuple(changes), tuple(agreed), tuple(stops))


def _choose(facts: Facts, about: About, value: int) -> Change:
    first = mailed(facts.person)[0]
    return Change(
        Kind.CHOOSE,
        name=first.name,
        before=about.told.told,
        after=value,
        preference=about.preference,
        label=about.label,
    )


def _keep(facts: Facts, about: About, value: int, since_ms: int) -> Iterator[Change]:
    """Every contact and lead with the address has a row that says so."""
    for record in mailed(facts.person):
        rows = [row for row in about.rows if row.record_id == record.record_id]
        keep = Change(
            Kind.KEEP,
            record.entity,
            record.record_id,
            record.name,
            after=value,
            preference=about.preference,
            label=about.label,
            row_id=about.new_ids[record.record_id],
            chosen_ms=since_ms,
        )
        if not rows:
            yield keep
        for row in rows:
            if row.chosen != value:
                yield replace(keep, before=row.chosen, version=row.etag, row_id=row.row_id)


class Verdict(NamedTuple):
    value: int
    """What both sides are to say; nothing: neither is to be told anything."""
    stop: str = ""
    """Why both are left as they are."""
    since_ms: int = 0
    """Since when, in milliseconds since 1970, UTC; 0: nobody knows."""


class _Statement(NamedTuple):
    value: int
    at_ms: int


def verdict(told: Told, rows: Sequence[ChoiceHeld]) -> Verdict:
    """`rows`: those of all contacts and leads with the person's address."""
    there, here = _in_dotdigital(told), _in_dynamics(told, rows)
    statements = [one for one in (there, here) if one is not None]
    if not statements:
        if _new_yeses(told, rows):
            return Verdict(NOTHING, DISAGREE)
        return Verdict(told.told, since_ms=told.told_ms)
    latest = max(statements, key=lambda one: one.at_ms)
    in_doubt = latest.at_ms - min(one.at_ms for one in statements) <= DOUBT_MS
    if in_doubt and any(one.value == NO for one in statements):
        return Verdict(NO, since_ms=latest.at_ms)
    return Verdict(latest.value, since_ms=latest.at_ms)


def _in_dotdigital(told: Told) -> _Statement | None:
    """A yes that was agreed on is nothing new whenever it was said once more: a form that is sent off again
    repeats every yes on it, and Dotdigital dates what Syncline sets like what a person chose. A no counts
    each time.
    """
    said_again = told.told == NO and told.told_ms > told.settled_ms
    if told.told != NOTHING and (told.told != told.settled or said_again):
        return _Statement(told.told, told.told_ms)
    return None


def _in_dynamics(told: Told, rows: Sequence[ChoiceHeld]) -> _Statement | None:
    """One record that says no is enough. For a yes all that hold the choice have to say it, and somebody else
    than Syncline has to have written it.

    A no of ours that was not agreed on here came with a record from another address, and an opt-out goes with
    the person. A yes of ours says nothing: it was written for an address that it may no longer be about.
    """
    noes = [row for row in rows if row.chosen == NO and told.settled != NO]
    if noes:
        return _Statement(NO, max(row.since_ms for row in noes))
    yeses = _new_yeses(told, rows)
    if yeses and all(row.chosen != NO for row in rows):
        return _Statement(YES, max(row.since_ms for row in yeses))
    return None


def _new_yeses(told: Told, rows: Sequence[ChoiceHeld]) -> list[ChoiceHeld]:
    """Those that somebody said since. Where they are no statement, another record still says the no that was
    agreed on.
    """
    return [row for row in rows if row.chosen == YES and told.settled != YES and not row.ours]
