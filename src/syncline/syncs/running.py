"""One bounded step of a run: the seam between the durable engine and the sync types.

`advance` may be called by any worker at any time, again and again, after any crash; it does the next piece of
work and says what comes next. It is the one place where a vendor's errors are turned into waits, or into the
end of the run. A fault of our own comes out of it: the engine tries the step again, and at last fails the
run.
"""

import random
from datetime import UTC, datetime
from typing import Final

import structlog
from django.db import transaction

from syncline.accounts.clients import dataverse_client, dotdigital_client
from syncline.accounts.secrets import UnreadableSecretError
from syncline.dotdigital import FeatureOff
from syncline.ledger import lanes
from syncline.ledger.leases import hold
from syncline.ledger.models import Run, RunStatus
from syncline.remote import Misconfigured, Permanent, Rejected, Retryable
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Done, Next, Wait
from syncline.syncs.ending import end, verdict
from syncline.syncs.messages import Told, tell
from syncline.syncs.registry import SYNC_TYPES

log = structlog.get_logger()

MOST_RETRIES: Final = 40
"""Failed attempts in a row at one step before the run gives up: with the longest wait between them, some
three hours.
"""

LONGEST_RETRY_WAIT_S: Final = 300.0
LANE_BUSY_WAIT_S: Final = 2.0


def advance(run_key: str) -> Next:
    """Do one piece of a run. Vendor faults never come out of it."""
    run = Run.objects.select_related("account").get(key=run_key)
    if run.status == RunStatus.QUEUED and not _start(run):
        return Wait(LANE_BUSY_WAIT_S)
    if run.status != RunStatus.RUNNING:
        return Done()
    if run.cancel_requested_by:
        return _end(run, RunStatus.CANCELLED, tell("cancelled", run.cancel_requested_by))
    if run.account.disabled:
        return _end(run, RunStatus.FAILED, tell("account_disabled"))
    return _step(run)


def _start(run: Run) -> bool:
    """Take the lane. False while another run of the account has it."""
    started = lanes.start(run, datetime.now(UTC))
    run.refresh_from_db()
    return started or run.status != RunStatus.QUEUED


def _step(run: Run) -> Next:
    context = RunContext(run, run.account, dataverse_client, dotdigital_client)
    try:
        answer = SYNC_TYPES[run.sync_type].step(context)
    except Retryable as error:
        return _retry_later(run, error)
    except FeatureOff:
        return _end(run, RunStatus.FAILED, tell("feature_off"))
    except (Misconfigured, UnreadableSecretError) as error:
        remedy = getattr(error, "what_to_do", "") or str(error)
        return _end(run, RunStatus.FAILED, tell("misconfigured", str(error), remedy))
    except (Permanent, Rejected) as error:
        log.warning(
            "The run failed",
            action="run_failed",
            run=run.pk,
            sync_type=run.sync_type,
            error=type(error).__name__,
            code=error.code,
        )
        return _end(
            run,
            RunStatus.FAILED,
            tell("misconfigured", str(error), "Run the doctor command for this account."),
        )
    if run.retries:
        run.retries = 0
        run.save(update_fields=["retries"])
    return _close(run) if isinstance(answer, Done) else answer


def _retry_later(run: Run, error: Retryable) -> Next:
    run.refresh_from_db()
    run.retries += 1
    if run.retries > MOST_RETRIES:
        return _end(run, RunStatus.FAILED, tell("unavailable", str(error)))
    run.progress_text = f"Waiting: {error}"[:200]
    with transaction.atomic():
        hold()
        run.save(update_fields=["retries", "progress_text"])
    if error.after_s is not None:
        return Wait(error.after_s)
    backoff = min(2.0 ** min(run.retries, 10), LONGEST_RETRY_WAIT_S)
    return Wait(backoff * random.uniform(0.75, 1.25))  # noqa: S311 - spreads retries, guards nothing


def _close(run: Run) -> Done:
    """The sync type is through; it may have ended the run itself, with a status of its own."""
    run.refresh_from_db()
    return _end(run, verdict(run), None) if run.status == RunStatus.RUNNING else Done()


def _end(run: Run, status: RunStatus, told: Told | None) -> Done:
    end(run, status, told)
    return Done()
