"""Waiting without waiting: whoever would sleep moves the clocks of this process and of both sandboxes on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from unittest import mock

import time_machine

from syncline.remote import SystemClock
from tests.syncs.world import World


@contextmanager
def skipped_time(world: World) -> Iterator[list[float]]:
    """Inside, retries and polls cost no time. Gives the waits, as they are made."""
    waits: list[float] = []

    with time_machine.travel(datetime.now(UTC), tick=True) as traveller:

        def skip(seconds: float) -> None:
            # Whole seconds more, so that a wait never ends a rounding error too early and comes again.
            seconds = math.ceil(seconds)
            waits.append(seconds)
            traveller.shift(seconds)
            world.sandbox_dataverse.control.advance(seconds)
            world.sandbox_dotdigital.control.advance(seconds)

        with (
            mock.patch.object(SystemClock, "sleep", lambda _clock, seconds: skip(seconds)),
            mock.patch.object(world, "wait", skip),
        ):
            yield waits
