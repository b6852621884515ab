"""Do the clocks agree: ours, Dataverse's and Dotdigital's."""

from __future__ import annotations

from datetime import UTC, datetime

from syncline.dataverse import Dataverse
from syncline.doctor.checks import Check
from syncline.dotdigital import Dotdigital

NAME = "Clocks"
# "Since" filters overlap by five minutes; clocks further apart than that could lose a change.
NOTICEABLE_S = 60.0
HARMFUL_S = 300.0


def clocks(dataverse: Dataverse, dotdigital: Dotdigital) -> Check:
    """The widest gap between any two of the three."""
    times = {
        "this machine": datetime.now(UTC),
        "Dotdigital": dotdigital.server_time(),
        "Dataverse": dataverse.server_time(),
    }
    return judged({name: moment for name, moment in times.items() if moment is not None})


def judged(times: dict[str, datetime]) -> Check:
    earliest, latest = min(times, key=times.__getitem__), max(times, key=times.__getitem__)
    gap_s = (times[latest] - times[earliest]).total_seconds()
    if gap_s < NOTICEABLE_S:
        return Check(side="both", name=NAME, state="ok", detail=f"All clocks agree within {gap_s:.0f} s.")
    mine = "this machine" in (earliest, latest)
    return Check(
        side="both",
        name=NAME,
        state="fail" if gap_s > HARMFUL_S else "warn",
        detail=f"The clock of {latest} is {gap_s:.0f} s ahead of that of {earliest}.",
        remedy="Set this machine's clock by a time server (NTP)." if mine else "Ask the vendors' support.",
    )
