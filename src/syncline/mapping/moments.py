"""Dates, and dates with a time.

How each behaviour of a Dynamics column is kept:

* `UserLocal` is an instant. Dataverse sends it in UTC and Dotdigital keeps UTC, so it goes over as it is.
* `TimeZoneIndependent` is what the clock on the wall says; Dataverse writes it with a `Z` that means nothing.
  Its digits go over unconverted, and come back the same way.
* `DateOnly` is a day: midnight in Dotdigital; on the way back the day of the instant in UTC.
"""

from __future__ import annotations

from syncline.mapping.canonical import UnreadableValueError, read_date

EARLIEST_DAY = "1753-01-01"
"""The first day that Dataverse, and the SQL type behind Dotdigital's date fields, can hold."""


def moment_for_dotdigital(value: object) -> str | None:
    moment = read_date(value)
    # With four digits for the year, the order of the texts is the order in time.
    if moment is not None and moment < EARLIEST_DAY:
        raise UnreadableValueError(
            f"{moment[:10]} is before {EARLIEST_DAY}, the first day that can be stored"
        )
    return moment


def date_time_for_dynamics(value: object) -> str | None:
    """`2024-05-01T09:30:00Z`; Dataverse keeps no fractions of a second."""
    return moment_for_dotdigital(value)


def date_for_dynamics(value: object) -> str | None:
    """`2024-05-01`."""
    moment = moment_for_dotdigital(value)
    return None if moment is None else moment[:10]
