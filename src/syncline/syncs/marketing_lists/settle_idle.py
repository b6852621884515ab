"""Settling people about whom nothing is left to be written: their outcomes, and what both sides agree on."""

from collections.abc import Collection

from syncline.ledger import outcomes
from syncline.ledger.outcomes import OutcomeRow
from syncline.people import store
from syncline.people.facts import Place
from syncline.syncs.context import RunContext
from syncline.syncs.marketing_lists.decisions import Decision
from syncline.syncs.marketing_lists.parts import FAMILY, Parts, hold, let_go, result_of_idle, settled_keys
from syncline.syncs.marketing_lists.setting import Setting


def settle_idle(
    context: RunContext, setting: Setting, decisions: list[Decision], told: Collection[str] = ()
) -> None:
    """People about whom nothing has to be imported are settled at once. `told`: see `idle_rows`."""
    rows = idle_rows(context, setting, decisions, told)
    outcomes.record(context.run, rows, context.now())
    hold(context, FAMILY, rows)
    agree(context, decisions)
    store.untouch(context.account.pk, settled_keys(decisions))
    refused = {row.person_key for row in rows if row.result == "rejected"}
    let_go(context, FAMILY, [one.key for one in decisions if not one.is_owed and one.key not in refused])


def idle_rows(
    context: RunContext, setting: Setting, decisions: list[Decision], told: Collection[str] = ()
) -> list[OutcomeRow]:
    """The lines that call for nothing. Of `told`, of whom this run has told already, only what needs a
    reason.
    """
    parts = Parts(context, {row.pk: row.name for row in setting.lists})
    return [
        parts.outcome(decision.key, line, result)
        for decision in decisions
        for line in decision.lines
        if line.action == "none"
        and ((result := result_of_idle(line)) != "unchanged" or decision.key not in told)
    ]


def agree(context: RunContext, decisions: list[Decision]) -> None:
    """Store what both sides turned out to agree on by themselves."""
    account_id = context.account.pk
    told = [decision for decision in decisions if decision.agreed]
    people = store.persons(account_id, [decision.key for decision in told])
    changed = []
    for decision in told:
        person = people.get(decision.key)
        agreed = store.to_json(dict(sorted(decision.agreed.items())))
        if person is not None and person[4] != agreed:
            changed.append((account_id, decision.key, *person[:4], agreed))
    store.save_persons(changed)
    confirm(context, decisions)


def confirm(context: RunContext, decisions: list[Decision]) -> None:
    store.save_places(
        [
            (list_id, decision.key, Place("subscribed", True).status, True, context.run.pk)
            for decision in decisions
            for list_id in decision.confirmed
        ]
    )
