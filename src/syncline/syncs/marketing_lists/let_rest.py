"""The end of an undo: whoever has nothing to be synced but what was just taken back is let rest.

Else the next scheduled sync would do at once what was undone, for the computed columns of a row that an undo
writes look like a change. Whoever has any other change stays touched, and that brings the undone one along.
"""

from collections.abc import Sequence
from typing import Final

from syncline.ledger import undoing
from syncline.ledger.models import Run
from syncline.people import store
from syncline.people.facts import PersonFacts
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.marketing_lists.approved import planned_after
from syncline.syncs.marketing_lists.decide import decide
from syncline.syncs.marketing_lists.decisions import Decision
from syncline.syncs.marketing_lists.deeds import Deeds, deeds_of
from syncline.syncs.marketing_lists.effects import Effects, effects
from syncline.syncs.marketing_lists.people_page import gather_rules
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.marketing_lists.undo_decide import NOT_FOR_CONSENT

PAGE: Final = 5000
"""People a step."""


def let_rest(context: RunContext, setting: Setting) -> Next | None:
    """One page of the people in an undo. Any other run does nothing here."""
    undone = undoing.undone_run(context.run)
    plan = context.run.subject
    if undone is None or plan is None or context.run.plan_only:
        return None
    keys = list(planned_after(plan, context.position.get("rested", ""), PAGE))
    if not keys:
        return None
    people = store.load(context.account.pk, setting.list_ids, keys)
    with context.storing():
        store.untouch(context.account.pk, _would_only_redo(context, setting, undone, people))
        context.save_position(rested=keys[-1])
    return More()


def _would_only_redo(
    context: RunContext, setting: Setting, undone: Run, people: Sequence[PersonFacts]
) -> list[str]:
    rules = gather_rules(context.account, setting, list(people))
    deeds = deeds_of(undone, [person.key for person in people])
    return [person.key for person in people if only_redoes(decide(person, rules)[0], deeds[person.key])]


def only_redoes(decision: Decision, deeds: Deeds) -> bool:
    """Whether a sync would do something to this person, and nothing that the undone run had not done.

    Who is to leave a list because they do not want mail has to leave it, whatever the run did before.
    """
    if any(line.action == "remove" and line.reason not in NOT_FOR_CONSENT for line in decision.lines):
        return False
    wanted = {what: value for what, value in effects(decision).items() if what[1] != "contact"}
    done = _done(deeds)
    return bool(wanted) and all(
        what in done and (what[1] != "value" or done[what] == value[1]) for what, value in wanted.items()
    )


def _done(deeds: Deeds) -> Effects:
    """What the run did, by the same names as the effects of a decision; for a value the new one."""
    found: Effects = {}
    for value in deeds.values:
        if value.side == "dotdigital":
            found["dotdigital", "value", value.field] = value.new
        else:
            found["dynamics", "value", value.entity, value.record_id, value.field] = value.new
    for place in deeds.places:
        what = "join" if place.joined else "leave"
        if place.side == "dotdigital":
            found["dotdigital", what, place.list_id] = True
        else:
            found["dynamics", what, place.entity, place.record_id, place.list_id] = True
    return found
