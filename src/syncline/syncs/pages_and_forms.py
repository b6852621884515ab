"""Pages and forms: forms, their questions and options, and what people answered, from Dotdigital to
Dynamics.
"""

from typing import Final

from syncline.forms.responses import RESPONSES, STORE
from syncline.syncs.campaigns.link_people import link_rows
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Next
from syncline.syncs.forms.apply import apply
from syncline.syncs.forms.finish import finish
from syncline.syncs.forms.know_people import KNOWING
from syncline.syncs.forms.read_forms import begin, look_for_missing, read_active, read_list
from syncline.syncs.forms.rows import RESPONSE
from syncline.syncs.forms.sync_responses import sync_responses
from syncline.syncs.forms.try_held import try_held
from syncline.syncs.forms.write_forms import write_forms
from syncline.syncs.marketing_lists.phases import Phases, walk
from syncline.syncs.marketing_lists.setting import Setting


def link_people(context: RunContext, setting: Setting) -> Next | None:
    """One page of responses whose people are known by now."""
    del setting
    return link_rows(context, STORE, {RESPONSES: RESPONSE})


PHASES: Final[Phases] = (
    ("begin", begin),
    ("active", read_active),
    ("list", read_list),
    ("missing", look_for_missing),
    ("forms", write_forms),
    ("held", try_held),
    ("responses", sync_responses),
    *KNOWING,
    ("apply", apply),
    ("people", link_people),
    ("finish", finish),
)


def step(context: RunContext) -> Next:
    """One piece of the phase that the run has reached."""
    return walk(context, PHASES)
