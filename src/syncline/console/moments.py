"""How times are told: how long ago (or until), and the clock in the account's own zone."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Moment:
    """One instant in words."""

    iso: str
    relative: str
    """`3 minutes ago`, `in 2 hours`; empty when it is so far away that the date says more."""
    clock: str
    """`Mon 4 May, 14:05`, with the year when it is not this one."""
    full: str
    """Everything, with the zone's name: for the tooltip."""


def tell(at: datetime, zone: str, now: datetime | None = None) -> Moment:
    """`at` in words, in an IANA zone."""
    now = now or datetime.now(UTC)
    local = at.astimezone(ZoneInfo(zone))
    year = "" if local.year == now.astimezone(ZoneInfo(zone)).year else f" {local.year}"
    return Moment(
        iso=local.isoformat(timespec="seconds"),
        relative=relative(at - now),
        clock=f"{local:%a} {local.day} {local:%b}{year}, {local:%H:%M}",
        full=f"{local:%A} {local.day} {local:%B} {local.year}, {local:%H:%M:%S} ({zone})",
    )


def relative(distance: timedelta) -> str:
    """A distance from now, rounded down to its largest unit; nothing beyond two weeks."""
    seconds = distance.total_seconds()
    size = abs(seconds)
    if size >= 14 * 86400:
        return ""
    if size < 60:
        return "just now" if seconds <= 0 else "within a minute"
    amount = _largest_unit(size)
    return f"in {amount}" if seconds > 0 else f"{amount} ago"


def duration(seconds: float) -> str:
    """How long something took: `0.4 s`, `42 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _largest_unit(seconds: float) -> str:
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {name}" + ("" if count == 1 else "s")
    raise ValueError("less than a minute has words of its own")
