"""What a sync leaves behind: runs, their parts, per-record outcomes, outbound batches and cursors."""

import uuid
from typing import ClassVar, Final

from django.db import models
from django.db.models import Q

from syncline.accounts.models import EmailAccount


class RunStatus(models.TextChoices):
    QUEUED = "queued", "Added to Queue"
    RUNNING = "running", "In Progress"
    COMPLETED = "completed", "Completed"
    COMPLETED_WITH_ERRORS = "completed_with_errors", "Completed With Errors"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    WAITING = "waiting_for_approval", "Waiting For Approval"
    """Ended without writing anything, because the fuse tripped: its plan waits for a person."""


UNDER_WAY = (RunStatus.QUEUED, RunStatus.RUNNING)


class Trigger(models.TextChoices):
    SCHEDULED = "scheduled", "Scheduled"
    MANUAL = "manual", "Manual"


class Purpose(models.TextChoices):
    """What a run is for. Whatever it is, it walks the same phases (design.md)."""

    SYNC = "sync", "Sync"
    EXECUTE = "execute", "Approved plan"
    """Writes what the plan in `subject` holds, and nothing else."""
    UNDO = "undo", "Undo"
    """Takes back what the run in `subject` wrote, as far as it has not changed since."""
    DRIFT = "drift", "Drift audit"
    """Reads both sides in full, whatever the cursors say; always a plan."""


class Approval(models.TextChoices):
    """What a person said to a plan."""

    NONE = "", "Not a plan"
    WAITING = "waiting", "Waiting for approval"
    APPROVED = "approved", "Approved"
    DISCARDED = "discarded", "Discarded"


class Counts(models.Model):
    """How many records a run or a part of one has seen; `read` is always the sum of the others."""

    read = models.IntegerField(default=0)
    created = models.IntegerField(default=0)
    updated = models.IntegerField(default=0)
    removed = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    skipped = models.IntegerField(default=0)
    rejected = models.IntegerField(default=0)

    class Meta:
        abstract = True


class Run(Counts):
    """One execution of one sync type for one account: a row of the Sync Audit."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    """Also the durable engine's workflow id."""
    account = models.ForeignKey(EmailAccount, on_delete=models.CASCADE, related_name="runs")
    sync_type = models.CharField(max_length=20)
    lane = models.CharField(max_length=10)
    """`people` or `rows`: one run at a time in each lane of an account (design.md)."""
    trigger = models.CharField(max_length=10, choices=Trigger.choices)
    requested_by = models.CharField(max_length=320, blank=True)
    plan_only = models.BooleanField(default=False)
    """True: read and decide, store the decisions, write nothing to either side."""
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.SYNC)
    subject = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="followed_by")
    """The plan that this run carries out, or the run that it undoes."""
    scope = models.JSONField(default=list)
    """`MarketingList.id` of the lists to sync; empty for all."""
    approval = models.CharField(max_length=10, choices=Approval.choices, default=Approval.NONE, blank=True)
    approval_by = models.CharField(max_length=320, blank=True)
    approval_at = models.DateTimeField(null=True)
    fuse = models.JSONField(default=list)
    """What tripped the fuse, in words for a person, one text each; empty where nothing did."""
    status = models.CharField(max_length=24, choices=RunStatus.choices, default=RunStatus.QUEUED)
    due_at = models.DateTimeField(null=True)
    """The timetable slot that this run serves; null for a manual run."""
    queued_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    cancel_requested_by = models.CharField(max_length=320, blank=True)
    message_code = models.CharField(max_length=64, blank=True)
    message = models.TextField(blank=True)
    remedy = models.TextField(blank=True)
    progress_done = models.IntegerField(default=0)
    progress_total = models.IntegerField(null=True)
    progress_text = models.CharField(max_length=200, blank=True)
    position = models.JSONField(default=dict)
    """Where the run stands, in the words of its sync type; a run taken over goes on from here."""
    retries = models.IntegerField(default=0)
    """Failed attempts in a row at the present step."""
    holder = models.CharField(max_length=100, blank=True)
    """Executor id of the worker that carries the run out, or did last."""
    lease = models.IntegerField(default=0)
    """Raised by every worker that takes the run up; an older number may no longer write (leases.py)."""
    deaths = models.IntegerField(default=0)
    """Workers in a row that died while they carried this run out, without finishing a step of it."""

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["account", "-started_at"], name="run_by_start")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "sync_type", "purpose", "plan_only"],
                condition=Q(status="queued", subject=None),
                name="one_waiting_run",
            ),
            models.UniqueConstraint(
                fields=["subject", "purpose", "plan_only"],
                condition=Q(status="queued"),
                name="one_waiting_run_about",
            ),
            models.UniqueConstraint(
                fields=["account", "lane"], condition=Q(status="running"), name="one_running_run"
            ),
        ]


LIST_PARTS: Final = ("MarketingListsDataOut", "MarketingListsDataIn")
"""How the audit names the parts that are about a marketing list."""


class RunPart(Counts):
    """One list, campaign or whatever else a run is about, within the run."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="parts")
    audit_type = models.CharField(max_length=32)
    """`MarketingListsDataOut`, `MarketingListsDataIn`… as the Sync Audit shows it."""
    name = models.CharField(max_length=200)
    reference = models.BigIntegerField(null=True)
    """`MarketingList.id` for lists; for parts of another kind the id of what they are about."""
    status = models.CharField(max_length=24, choices=RunStatus.choices, default=RunStatus.RUNNING)
    message_code = models.CharField(max_length=64, blank=True)
    message = models.TextField(blank=True)
    notes = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "audit_type", "reference"], name="one_part_per_list")
        ]

    @property
    def list_id(self) -> int | None:
        """The marketing list that it is about; None where it is about something else."""
        return self.reference if self.audit_type in LIST_PARTS else None


class Outcome(models.Model):
    """What became of one record in one run: the audit's smallest row. As many as records, so written in
    bulk.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="outcomes", db_index=False)
    part = models.ForeignKey(RunPart, null=True, on_delete=models.CASCADE, related_name="outcomes")
    person_key = models.CharField(max_length=320)
    """E-mail address, or the name of a field or label for the syncs that carry those."""
    name = models.CharField(max_length=200)
    entity = models.CharField(max_length=10)
    record_id = models.CharField(max_length=36)
    side = models.CharField(max_length=10)
    """`dotdigital` or `dynamics`: where it was, or would have been, written."""
    result = models.CharField(max_length=10)
    """planned, created, updated, removed, unchanged, skipped, rejected."""
    action = models.CharField(max_length=10)
    """What was decided: create, update, remove, none."""
    reason = models.CharField(max_length=40)
    """Code of `syncs/reasons.py`; empty where nothing needs a reason."""
    detail = models.TextField()
    """Words for this one record, the vendor's own among them."""
    vendor_code = models.CharField(max_length=64)
    fields = models.TextField()
    """JSON object: field → [old, new]."""
    membership = models.CharField(max_length=8, default="")
    """`joined` or `left` where the list of the part was, or would have been, joined or left; else empty."""
    lost = models.TextField(default="{}")
    """JSON object: field → [side, value] for each value that lost a conflict: whose it was, and what."""
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["run", "result"], name="outcome_by_result"),
            models.Index(fields=["person_key"], name="outcome_by_person"),
        ]


class PlanItem(models.Model):
    """What a plan holds about one person (or label): the decision itself, so that exactly it is executed."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="plan_items", db_index=False)
    """The plan."""
    key = models.CharField(max_length=320)
    """The person's key, or the name of a label."""
    payload = models.BinaryField()
    """The decision, encoded by the sync type."""

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "key"], name="planned_once")]


class FuseKind(models.TextChoices):
    REMOVALS = "removals", "Removals"
    """People taken out of a list, on either side."""
    SUPPRESSIONS = "suppressions", "Suppressions"
    """People suppressed, unsubscribed or marked on either side."""
    OVERWRITES = "overwrites", "Overwrites"
    """People of whom a value that is not blank is replaced or emptied, on either side."""


class FuseSetting(models.Model):
    """When a run of this type stops and asks. Without a row the defaults of `ledger.fuse` hold."""

    account = models.ForeignKey(EmailAccount, on_delete=models.CASCADE, related_name="fuses")
    sync_type = models.CharField(max_length=20)
    kind = models.CharField(max_length=12, choices=FuseKind.choices)
    share = models.IntegerField()
    """Per cent of the people concerned, 1 to 100."""
    number = models.IntegerField()
    """People. The fuse trips where both are passed."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "sync_type", "kind"], name="one_fuse_of_a_kind")
        ]


class Batch(models.Model):
    """An outbound write: stored before the call, settled when the vendor's answer is in."""

    account = models.ForeignKey(EmailAccount, on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="batches")
    kind = models.CharField(max_length=16)
    """`import`, `list_removal`, `crm_update`, `crm_membership`."""
    state = models.CharField(max_length=10)
    """`intended`, `sent`, or `settled`."""
    remote_id = models.CharField(max_length=64, blank=True)
    """The vendor's import or job id."""
    size = models.IntegerField()
    payload = models.BinaryField()
    """JSON of the decisions in it; emptied when settled."""
    narrowing = models.IntegerField(default=0)
    """How often the rows in it were halved after a refusal of the whole."""
    sent_at = models.DateTimeField(null=True)
    next_look_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["account", "state"], name="batch_by_state")]


class Cursor(models.Model):
    """How far a source has been read and settled."""

    account = models.ForeignKey(EmailAccount, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=64)
    """`dataverse:contact`, `dotdigital:contacts`, `dotdigital:suppressions`…"""
    fingerprint = models.CharField(max_length=64, blank=True)
    """Hash of what was asked for (the selected columns); a cursor with another fingerprint is not used."""
    token = models.TextField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "source"], name="one_cursor_per_source")
        ]


class Held(models.Model):
    """A record that one side refused, or that is held for a person to look at; tried again when it
    changes.
    """

    account = models.ForeignKey(EmailAccount, on_delete=models.CASCADE, related_name="held")
    sync_type = models.CharField(max_length=20)
    person_key = models.CharField(max_length=320)
    entity = models.CharField(max_length=10)
    record_id = models.CharField(max_length=36)
    reason = models.CharField(max_length=40)
    detail = models.TextField()
    vendor_code = models.CharField(max_length=64)
    run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="+")
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "sync_type", "person_key"], name="held_once")
        ]
