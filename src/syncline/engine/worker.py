"""One worker process, from signing on to giving back."""

from __future__ import annotations

import logging
import threading
from typing import Final

import structlog
from dbos import DBOS, DBOSConfig
from django.db import connection

from syncline.engine import client
from syncline.engine.carrying import Advance, Carrier, carry_with
from syncline.engine.garbage import collect_less_often
from syncline.engine.heartbeat import Heartbeat, new_executor_id, sign_off, sign_on
from syncline.engine.pace import Pace
from syncline.engine.steward import Steward
from syncline.engine.storage import (
    APPLICATION,
    APPLICATION_VERSION,
    SCHEMA,
    SERIALIZER,
    engine_url,
    prepare,
    sqlite_engine,
)
from syncline.engine.takeover import give_back
from syncline.syncs.running import advance as advance_run

log = structlog.get_logger()

SLOTS: Final = 8
"""Steps that one worker carries out at the same time; nearly all their time is waiting for a vendor."""
RUNS_HELD: Final = 128
"""Runs that one worker holds at the same time; most of them sleep until an import is through."""


def run_worker(
    *, slots: int = SLOTS, stop: threading.Event, advance: Advance = advance_run, pace: Pace | None = None
) -> None:
    """Carry runs out until `stop` is set; then finish the steps under way and leave the rest to others.

    `advance` does one step of a run; only tests put another in its place.
    """
    pace = pace or Pace()
    executor_id = new_executor_id()
    carrier = Carrier(executor_id, advance, slots)
    carry_with(carrier)
    prepare(engine_url())
    sign_on(executor_id)
    heartbeat = Heartbeat(executor_id, pace.beat_s, also=carrier.wake_those_to_stop)
    steward = Steward(executor_id, pace)
    collect_less_often()
    _launch(executor_id, pace)
    heartbeat.start()
    steward.start()
    log.info("The worker is at work", action="worker_started", worker=executor_id, slots=slots)
    try:
        stop.wait()
    finally:
        log.info("The worker is finishing its steps", action="worker_stopping", worker=executor_id)
        steward.stop()
        carrier.stop()
        # The engine complains of every run that is put down here or claimed too late to begin; all are given
        # back.
        logging.getLogger("dbos").setLevel(logging.CRITICAL)
        # The second is for a claim under way to come to its end.
        DBOS.destroy(workflow_completion_timeout_sec=1)
        carrier.finish()
        give_back(executor_id)
        heartbeat.stop()
        sign_off(executor_id)
        carry_with(None)
        client.close()
        # A worker may be a thread among others, whose connection nobody else would close.
        connection.close()
        log.info("The worker has ended", action="worker_ended", worker=executor_id)


def _launch(executor_id: str, pace: Pace) -> None:
    url = engine_url()
    config = DBOSConfig(
        name=APPLICATION,
        system_database_url=url,
        dbos_system_schema=SCHEMA,
        application_version=APPLICATION_VERSION,
        executor_id=executor_id,
        serializer=SERIALIZER,
        log_level="WARNING",
        enable_otlp=False,
    )
    if engine := sqlite_engine(url):
        config["system_database_engine"] = engine
    # Before the launch, for a queue that is registered after it is noticed a second later.
    client.engine_client().register_queue(
        client.QUEUE,
        partition_concurrency=1,
        worker_concurrency=RUNS_HELD,
        polling_interval_sec=pace.look_into_queue_every_s,
    )
    DBOS(config=config)
    DBOS.launch()
