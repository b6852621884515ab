"""What has to be known before a list can be synced: the columns of Dynamics, and the labels on both sides.

Each is a sync of its own with its own row in the audit; a list run carries it out inside where it is needed.
While labels fail, no list is synced (product.md §4).
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from syncline.accounts.models import EmailAccount
from syncline.ledger.models import Purpose, Run, RunStatus
from syncline.mapping.models import CrmField, FieldMapping, Label
from syncline.remote import Misconfigured, Permanent, Rejected
from syncline.syncs import crm_metadata, labels
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Done, Next
from syncline.syncs.ending import end, verdict
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.messages import Told, tell

GONE_WELL: Final = (RunStatus.COMPLETED, RunStatus.COMPLETED_WITH_ERRORS)

INSIDE: Final = ""
"""The lane of a run inside a list run: the list run has the account's people lane already."""


def metadata_first(context: RunContext, setting: Setting) -> Next | None:
    """Read the columns of Dynamics where that was never done: without them no value could be mapped."""
    del setting
    known = CrmField.objects.filter(account=context.account).exists()
    if known and "crm_metadata_run" not in context.position:
        return None
    inner = _inner_run(context, "crm_metadata")
    answer = _carry_on(context, inner, crm_metadata.step)
    if answer is None and inner.status not in GONE_WELL:
        return _fail(context, tell("misconfigured", inner.message, inner.remedy))
    return answer


def labels_first(context: RunContext, setting: Setting) -> Next | None:
    """Carry waiting labels over; without success the list run ends here."""
    del setting
    if context.run.plan_only:
        return None
    if context.run.purpose == Purpose.EXECUTE:
        # New labels are not in the plan, so they are not made.
        return _fail(context, tell("labels_failed")) if missing_labels(context.account) else None
    if not _labels_needed(context):
        return None
    inner = _inner_run(context, "labels")
    answer = _carry_on(context, inner, labels.step)
    if answer is None and (inner.status not in GONE_WELL or missing_labels(context.account)):
        return _fail(context, tell("labels_failed"))
    return answer


def _labels_needed(context: RunContext) -> bool:
    if "labels_run" in context.position:
        return True
    runs = Run.objects.filter(
        account=context.account, sync_type="labels", plan_only=False, ended_at__isnull=False
    )
    last = runs.order_by("-pk").first()
    waiting = Label.objects.filter(account=context.account, in_dotdigital=False, error="").exists()
    return last is None or last.status not in GONE_WELL or waiting or bool(missing_labels(context.account))


def missing_labels(account: EmailAccount) -> list[str]:
    """Labels that a mapping uses and Dotdigital does not have: it would refuse every row for them."""
    mapped = FieldMapping.objects.filter(account=account).values_list("label", flat=True)
    missing = Label.objects.filter(account=account, in_dotdigital=False, name__in=list(mapped))
    return list(missing.order_by("name").values_list("name", flat=True))


def _inner_run(context: RunContext, sync_type: str) -> Run:
    known = context.position.get(f"{sync_type}_run")
    if known is not None:
        return Run.objects.get(pk=known)
    with context.storing():
        # One that a dead worker left half way is gone on with.
        run, _ = Run.objects.get_or_create(
            account=context.account,
            sync_type=sync_type,
            lane=INSIDE,
            status=RunStatus.RUNNING,
            defaults={
                "trigger": context.run.trigger,
                "requested_by": context.run.requested_by,
                "started_at": context.now(),
            },
        )
        context.save_position(**{f"{sync_type}_run": run.pk})
    return run


def _carry_on(context: RunContext, inner: Run, step: Callable[[RunContext], Next]) -> Next | None:
    """One step of a run inside; None when it has ended, well or not."""
    if inner.status != RunStatus.RUNNING:
        return None
    try:
        answer = step(replace(context, run=inner))
    except (Misconfigured, Permanent, Rejected) as error:
        end(inner, RunStatus.FAILED, tell("misconfigured", str(error), error.what_to_do))
        return None
    if not isinstance(answer, Done):
        return answer
    end(inner, verdict(inner))
    return None


def _fail(context: RunContext, told: Told) -> Done:
    end(context.run, RunStatus.FAILED, told)
    return Done()
