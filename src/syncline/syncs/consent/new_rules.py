"""Whom nothing happened to, and who is looked at again all the same: the rules have changed since the last
run, or Dynamics would not take what was written.
"""

from typing import Final

from syncline.ledger import cursors
from syncline.people import store
from syncline.syncs.consent.facts import gather_rules
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.marketing_lists.parts import try_held_again
from syncline.syncs.marketing_lists.setting import Setting

SOURCE: Final = "consent:rules"


def try_refused_again(context: RunContext, setting: Setting) -> None:
    """A right that was missing may have been given, a locked list been opened."""
    del setting
    with context.storing():
        try_held_again(context)


def look_again(context: RunContext, setting: Setting) -> Next | None:
    """A setting was switched, or Dynamics has our tables by now: what was left out is caught up with."""
    rules = gather_rules(context, setting)
    return _look_at_all(context, SOURCE, f"{rules.marks} {rules.keeps_crm_list} {rules.has_tables}")


def catch_up(context: RunContext, setting: Setting) -> Next | None:
    """The first run looks at everybody, and so does one that finds the column on another table. From then on
    whatever is read makes those due whom it concerns.
    """
    del setting
    return _look_at_all(
        context, store.tables_cursor(context.run.sync_type), " ".join(context.position["our_tables"])
    )


def _look_at_all(context: RunContext, source: str, decided_by: str) -> Next | None:
    """Everybody is due where it is decided by something else than in the last run. That is stored under
    `source` once this run has ended well.
    """
    if context.position.get("rules_compared"):
        return None
    with context.storing():
        if cursors.token(context.account, source) != decided_by:
            store.make_all_due(context.account.pk, context.run.sync_type)
        tokens = {**context.position.get("tokens", {}), source: [decided_by, ""]}
        context.save_position(rules_compared=True, tokens=tokens)
    return More()
