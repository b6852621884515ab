"""Web behavior tracking: which pages people looked at, as visits, from Dotdigital to Dynamics."""

from typing import Final

from syncline.syncs.context import RunContext
from syncline.syncs.contract import Next
from syncline.syncs.marketing_lists.phases import Phases, walk
from syncline.syncs.web_visits.begin import begin
from syncline.syncs.web_visits.finish import finish
from syncline.syncs.web_visits.know_people import know_people
from syncline.syncs.web_visits.read_views import read_views
from syncline.syncs.web_visits.write_rows import write_views, write_visits

PHASES: Final[Phases] = (
    ("begin", begin),
    ("views", read_views),
    ("people", know_people),
    ("visits", write_visits),
    ("pages", write_views),
    ("finish", finish),
)


def step(context: RunContext) -> Next:
    """One piece of the phase that the run has reached."""
    return walk(context, PHASES)
