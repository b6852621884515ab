"""A page of people with their decisions: the one place where a list sync decides."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from syncline.accounts.models import EmailAccount
from syncline.consent.gate import Permit, permit
from syncline.ledger import plans, written
from syncline.ledger.models import Purpose, Run
from syncline.people import store
from syncline.people.facts import PersonFacts
from syncline.syncs.context import RunContext
from syncline.syncs.marketing_lists import approved
from syncline.syncs.marketing_lists.decide import decide, standing
from syncline.syncs.marketing_lists.decisions import Decision
from syncline.syncs.marketing_lists.deeds import Deeds, deeds_of
from syncline.syncs.marketing_lists.foresight import foresee
from syncline.syncs.marketing_lists.rules import Rules
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.marketing_lists.undo_decide import undo_decide


class Page(NamedTuple):
    keys: list[str]
    decisions: list[Decision]
    permits: dict[str, Permit]
    """By key, for those who may be written to."""
    left_out: Sequence[Decision] = ()
    """What a plan held for people who have changed since: told, and not written."""
    planned: Mapping[str, Decision] = {}
    """By key, what the plan held, where a run carries one out."""


def gather_rules(account: EmailAccount, setting: Setting, people: list[PersonFacts]) -> Rules:
    """The rules for these people: the account's settings, and the rows that their mapped lookups point at."""
    return Rules(
        fields=setting.fields,
        lists=setting.list_rules(),
        only_open_and_active=account.only_open_and_active,
        looked_up=_looked_up(account, setting, people),
        priority={table: place for place, table in enumerate(account.record_priority.split(","))},
        readmit_inactive=account.readmit_inactive,
        new_rows=setting.new_rows,
    )


def _looked_up(
    account: EmailAccount, setting: Setting, people: list[PersonFacts]
) -> dict[str, dict[str, Any]]:
    columns = {
        entity: [rule.column for rule in rules if rule.is_lookup] for entity, rules in setting.fields.items()
    }
    if not any(columns.values()):
        return {}
    ids = {
        looked_up
        for person in people
        for record in person.records
        for column in columns[record.entity]
        if (looked_up := record.columns.get(column))
    }
    return {
        record_id: {"": name}
        | {f"{table}.{column}": value for column, value in msgspec.json.decode(values).items()}
        for record_id, (table, name, values) in store.looked_up(account.pk, sorted(ids)).items()
    }


Keys = Callable[[Run, Setting, str, int, bool], list[str]]
"""(run, setting, after, limit, known only) → the next people to decide about."""

Decided = list[tuple[Decision, Permit | None]]

Decide = Callable[[Run, Sequence[PersonFacts], Rules], Decided]
"""(run, people, rules) → what is to happen to each, in their order. Of a plan: everything that would follow,
stage by stage.
"""


class Source(NamedTuple):
    """Where a run's decisions come from: whom it looks at, and how it decides about each."""

    keys: Keys
    decide: Decide
    foresee: Decide


def _touched(run: Run, setting: Setting, after: str, limit: int, known_only: bool) -> list[str]:
    del setting
    return store.touched_page(run.account_id, after, limit, known_only=known_only, list_ids=run.scope)


def _of_lists(run: Run, setting: Setting, after: str, limit: int, known_only: bool) -> list[str]:
    """Everybody in a list on either side, whether or not something about them is known to have changed."""
    return store.list_people_after(run.account_id, setting.list_ids, after, limit, known_only=known_only)


def _decide(run: Run, people: Sequence[PersonFacts], rules: Rules) -> Decided:
    del run
    return [decide(person, rules) for person in people]


def _foresee(run: Run, people: Sequence[PersonFacts], rules: Rules) -> Decided:
    del run
    return [foresee(person, rules) for person in people]


def _written_about(run: Run, setting: Setting, after: str, limit: int, known_only: bool) -> list[str]:
    """Whom the run that is to be undone wrote to or about."""
    del setting, known_only
    return written.keys_after(run.subject, after, limit) if run.subject else []


def _undo(run: Run, people: Sequence[PersonFacts], rules: Rules) -> Decided:
    """Writing takes nothing further back, so there are no stages to foresee."""
    deeds = deeds_of(run.subject, [person.key for person in people]) if run.subject else {}
    return [undo_decide(deeds.get(person.key, Deeds(person.key)), person, rules) for person in people]


SOURCES: Final[dict[Purpose, Source]] = {
    Purpose.SYNC: Source(_touched, _decide, _foresee),
    Purpose.DRIFT: Source(_of_lists, _decide, _foresee),
    Purpose.UNDO: Source(_written_about, _undo, _undo),
}
"""By the purpose of a run. A run that executes a plan decides as the plan did, about the people in it."""


def decide_page(
    context: RunContext, setting: Setting, after: str, limit: int, *, known_only: bool = False
) -> Page:
    """The next people after a key, and what is to happen to each. `known_only`: those whom Dotdigital knows,
    for the in-pass.
    """
    run = context.run
    if run.purpose == Purpose.EXECUTE:
        return _approved_page(context, setting, after, limit, inward=known_only)
    source = SOURCES[Purpose(run.purpose)]
    keys = source.keys(run, setting, after, limit, known_only)
    people = store.load(context.account.pk, setting.list_ids, keys)
    return _decided(context, setting, keys, people, run, source.foresee if run.plan_only else source.decide)


def foreseen_page(context: RunContext, setting: Setting, after: str, limit: int) -> Page:
    """The next touched people whom Dotdigital knows, with all that the whole run would do to each."""
    source = SOURCES[Purpose.SYNC]
    keys = source.keys(context.run, setting, after, limit, True)
    people = store.load(context.account.pk, setting.list_ids, keys)
    return _decided(context, setting, keys, people, context.run, source.foresee)


def _decided(
    context: RunContext, setting: Setting, keys: list[str], people: list[PersonFacts], by: Run, how: Decide
) -> Page:
    rules = gather_rules(context.account, setting, people)
    decisions: list[Decision] = []
    permits: dict[str, Permit] = {}
    for decision, granted in how(by, people, rules):
        decisions.append(decision)
        if granted is not None:
            permits[decision.key] = granted
    return Page(keys, decisions, permits)


def _approved_page(context: RunContext, setting: Setting, after: str, limit: int, *, inward: bool) -> Page:
    """The next people of the plan that this run carries out. The in-pass looks at what would follow too."""
    plan = context.run.subject
    if plan is None or (inward and not plans.would_change(plan, "dynamics")):
        return Page([], [], {})
    planned = approved.planned_after(plan, after, limit)
    keys = list(planned)
    people = store.load(context.account.pk, setting.list_ids, keys)
    source = SOURCES[Purpose(plan.purpose)]
    page = _decided(context, setting, keys, people, plan, source.foresee if inward else source.decide)
    if inward:
        kept, left_out = approved.sort_inward(page.decisions, planned)
    else:
        kept, left_out = approved.sort_outward(context.run, people, page.decisions, planned)
    return Page(keys, kept, page.permits, left_out, planned)


def permits_for(context: RunContext, keys: list[str]) -> dict[str, Permit]:
    """Permits as things stand now, for decisions that were made in an earlier step."""
    permits: dict[str, Permit] = {}
    for person in store.load(context.account.pk, [], keys):
        verdict = permit(standing(person))
        if isinstance(verdict, Permit):
            permits[person.key] = verdict
    return permits
