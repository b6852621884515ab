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
    if context.position.get("rules_compared"):
        return None
    rules = gather_rules(context, setting)
    known = f"{rules.marks} {rules.keeps_crm_list} {rules.has_tables}"
    with context.storing():
        if cursors.token(context.account, SOURCE) != known:
            store.make_all_due(context.account.pk, context.run.sync_type)
        tokens = {**context.position.get("tokens", {}), SOURCE: [known, ""]}
        context.save_position(rules_compared=True, tokens=tokens)
    return More()
