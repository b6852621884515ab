"""Looking both sides over, step by step and in words, with what to do about each thing that is wrong.

Nothing is changed on either side.
"""

from collections.abc import Iterator

from syncline.dataverse import Dataverse
from syncline.doctor.checks import Check, guarded
from syncline.doctor.clocks import NAME as CLOCKS
from syncline.doctor.clocks import clocks
from syncline.doctor.dataverse_checks import dataverse_checks
from syncline.doctor.dotdigital_checks import dotdigital_checks
from syncline.dotdigital import Dotdigital

__all__ = ["Check", "checks"]


def checks(dataverse: Dataverse | None, dotdigital: Dotdigital | None) -> Iterator[Check]:
    """All checks of the sides given, as they are made. Give clients of little patience: a person is waiting.

    A side that cannot be entered ends its own checks and not the other's.
    """
    entered = True
    for side in (
        dataverse_checks(dataverse) if dataverse else (),
        dotdigital_checks(dotdigital) if dotdigital else (),
    ):
        for check in side:
            yield check
            entered = entered and check.state != "skipped"
    if dataverse is not None and dotdigital is not None and entered:
        yield guarded("both", CLOCKS, lambda: clocks(dataverse, dotdigital))
