"""A page of touched people with their decisions."""

from typing import NamedTuple

from syncline.accounts.models import EmailAccount
from syncline.consent.gate import Permit, permit
from syncline.people import store
from syncline.people.facts import PersonFacts
from syncline.syncs.context import RunContext
from syncline.syncs.marketing_lists.decide import decide, standing
from syncline.syncs.marketing_lists.decisions import Decision
from syncline.syncs.marketing_lists.rules import Rules
from syncline.syncs.marketing_lists.setting import Setting


class Page(NamedTuple):
    keys: list[str]
    decisions: list[Decision]
    permits: dict[str, Permit]
    """By key, for those who may be written to."""


def gather_rules(account: EmailAccount, setting: Setting, people: list[PersonFacts]) -> Rules:
    """The rules for these people: the account's settings, and the names of rows that their mapped lookups
    point at.
    """
    return Rules(
        fields=setting.fields,
        lists=setting.list_rules(),
        only_open_and_active=account.only_open_and_active,
        lookup_names=_lookup_names(account, setting, people),
    )


def _lookup_names(account: EmailAccount, setting: Setting, people: list[PersonFacts]) -> dict[str, str]:
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
    return store.lookup_names(account.pk, sorted(ids))


def decide_page(
    context: RunContext, setting: Setting, after: str, limit: int, *, known_only: bool = False
) -> Page:
    """The next touched people after a key, and what is to happen to each."""
    keys = store.touched_page(context.account.pk, after, limit, known_only=known_only)
    people = store.load(context.account.pk, setting.list_ids, keys)
    rules = gather_rules(context.account, setting, people)
    decisions: list[Decision] = []
    permits: dict[str, Permit] = {}
    for person in people:
        decision, granted = decide(person, rules)
        decisions.append(decision)
        if granted is not None:
            permits[person.key] = granted
    return Page(keys, decisions, permits)


def permits_for(context: RunContext, keys: list[str]) -> dict[str, Permit]:
    """Permits as things stand now, for decisions that were made in an earlier step."""
    permits: dict[str, Permit] = {}
    for person in store.load(context.account.pk, [], keys):
        verdict = permit(standing(person))
        if isinstance(verdict, Permit):
            permits[person.key] = verdict
    return permits
