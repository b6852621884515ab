"""Labels go before lists. While they fail, no list is synced (product.md §4)."""

from dataclasses import replace
from typing import Final

from syncline.ledger.models import Run, RunStatus
from syncline.mapping.models import FieldMapping, Label
from syncline.remote import Misconfigured, Permanent, Rejected
from syncline.syncs import labels
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Done, Next
from syncline.syncs.ending import end, verdict
from syncline.syncs.lists_out.setting import Setting
from syncline.syncs.messages import tell

GONE_WELL: Final = (RunStatus.COMPLETED, RunStatus.COMPLETED_WITH_ERRORS)

INSIDE: Final = ""
"""The lane of a label run inside a list run: the list run has the account's people lane already."""


def labels_first(context: RunContext, setting: Setting) -> Next | None:
    """Carry waiting labels over, in a run of their own in the audit; without success the list run ends
    here.
    """
    del setting
    if context.run.plan_only or not _is_needed(context):
        return None
    inner = _inner_run(context)
    if inner.status == RunStatus.RUNNING:
        answer = _step(replace(context, run=inner), inner)
        if not isinstance(answer, Done):
            return answer
    inner.refresh_from_db()
    if inner.status not in GONE_WELL or _mapped_labels_missing(context):
        end(context.run, RunStatus.FAILED, tell("labels_failed"))
        return Done()
    return None


def _is_needed(context: RunContext) -> bool:
    if "labels_run" in context.position:
        return True
    last = (
        Run.objects.filter(account=context.account, sync_type="labels", ended_at__isnull=False)
        .order_by("-pk")
        .first()
    )
    waiting = Label.objects.filter(account=context.account, in_dotdigital=False, error="").exists()
    return last is None or last.status not in GONE_WELL or waiting or bool(_mapped_labels_missing(context))


def _mapped_labels_missing(context: RunContext) -> list[str]:
    """Labels that a mapping uses and Dotdigital does not have: every row of an import would be refused for
    them.
    """
    mapped = FieldMapping.objects.filter(account=context.account).values_list("label", flat=True)
    missing = Label.objects.filter(account=context.account, in_dotdigital=False, name__in=list(mapped))
    return sorted(missing.values_list("name", flat=True))


def _inner_run(context: RunContext) -> Run:
    known = context.position.get("labels_run")
    if known is not None:
        return Run.objects.get(pk=known)
    with context.storing():
        # One that a dead worker left half way is gone on with.
        run, _ = Run.objects.get_or_create(
            account=context.account,
            sync_type="labels",
            lane=INSIDE,
            status=RunStatus.RUNNING,
            defaults={
                "trigger": context.run.trigger,
                "requested_by": context.run.requested_by,
                "started_at": context.now(),
            },
        )
        context.save_position(labels_run=run.pk)
    return run


def _step(context: RunContext, inner: Run) -> Next:
    try:
        answer = labels.step(context)
    except (Misconfigured, Permanent, Rejected) as error:
        end(inner, RunStatus.FAILED, tell("misconfigured", str(error), getattr(error, "what_to_do", "")))
        return Done()
    if isinstance(answer, Done):
        end(inner, verdict(inner))
    return answer
