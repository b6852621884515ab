"""A page of people with what is to happen to each: the one place where the consent syncs decide."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from syncline.ledger import plans
from syncline.ledger.models import Purpose
from syncline.people import store
from syncline.syncs.consent.changes import Change, Decision, decode
from syncline.syncs.consent.decide import (
    Facts,
    Rules,
    decide_opt_in,
    decide_suppression,
    decide_unsubscriber,
)
from syncline.syncs.consent.facts import gather_facts, gather_rules
from syncline.syncs.context import RunContext
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.preferences.decide import decide_preferences

DECIDE: Final[Mapping[str, Callable[[Facts, Rules], Decision]]] = {
    store.SUPPRESSIONS: decide_suppression,
    store.UNSUBSCRIBERS: decide_unsubscriber,
    store.OPT_IN: decide_opt_in,
    store.PREFERENCES: decide_preferences,
}
"""By sync type."""


class Page(NamedTuple):
    keys: list[str]
    decisions: list[Decision]
    left_out: Sequence[Decision] = ()
    """What a plan held for people who have changed since: told, and not written."""


def decide_page(context: RunContext, setting: Setting, after: str, limit: int) -> Page:
    """The next people after a key. A run that carries out a plan lets through only what was approved: where
    anything else would follow for somebody, they are left out as a whole.
    """
    run = context.run
    if run.purpose != Purpose.EXECUTE or run.subject is None:
        keys = store.due_page(run.account_id, run.sync_type, after, limit)
        return Page(keys, decide_about(context, setting, keys))
    planned = {key: decode(payload) for key, payload in plans.items_after(run.subject, after, limit)}
    fresh = decide_about(context, setting, list(planned))
    kept = [one for one in fresh if _as_approved(one) <= _as_approved(planned[one.key])]
    within = {one.key for one in kept}
    return Page(list(planned), kept, [one for key, one in planned.items() if key not in within])


def _as_approved(decision: Decision) -> set[Change]:
    """What was approved: whatever else has changed in a row, its name say, and whenever the suppression turns
    out to have begun. For an address put on the CRM suppression list by hand that is known only once
    Dotdigital has been told.
    """
    return {replace(change, since="", name="", version="", chosen_ms=0) for change in decision.changes}


def decide_about(context: RunContext, setting: Setting, keys: list[str]) -> list[Decision]:
    """What is to happen to these people as things stand now, in their order."""
    rules = gather_rules(context, setting)
    decide = DECIDE[context.run.sync_type]
    return [decide(facts, rules) for facts in gather_facts(context, setting, keys)]
