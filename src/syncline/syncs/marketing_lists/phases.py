"""Walking the phases of a list sync.

Each phase is one function that does one bounded piece of work and answers None when it is through.
"""

from collections.abc import Callable, Sequence

from syncline.syncs.context import RunContext
from syncline.syncs.contract import Done, More, Next
from syncline.syncs.marketing_lists.setting import Setting

Phase = Callable[[RunContext, Setting], Next | None]
Phases = Sequence[tuple[str, Phase]]


def walk(context: RunContext, phases: Phases) -> Next:
    """One piece of the phase that the run has reached."""
    reached: int = context.position.get("phase", 0)
    if reached == len(phases):
        return Done()
    answer = phases[reached][1](context, Setting(context.account, context.run))
    if answer is None:
        context.save_position(phase=reached + 1)
        return More()
    return answer
