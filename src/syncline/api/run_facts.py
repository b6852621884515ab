"""Runs and their parts as the API tells them."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Final
from uuid import UUID

from ninja import Schema, Status
from pydantic import Field

from syncline.ledger.models import Approval, Purpose, Run, RunPart, RunStatus, Trigger

COUNTS: Final = ("read", "created", "updated", "removed", "unchanged", "skipped", "rejected")


class Counts(Schema):
    """How many records; `read` is the sum of the others."""

    read: int
    created: int
    updated: int
    removed: int
    unchanged: int
    skipped: int
    rejected: int


class Progress(Schema):
    done: int
    total: int | None = Field(description="Null where nobody knows yet.")
    text: str = Field(description="What is being done, in words.")


class MessageFacts(Schema):
    """What a run has to say for itself; all empty where it has nothing."""

    code: str = Field(examples=["some_rejected"])
    text: str
    remedy: str


class ApprovalFacts(Schema):
    """What a person said to a plan; all empty where the run is none."""

    state: Approval
    by: str
    at: datetime | None


class RunFacts(Schema):
    """One execution of one sync type."""

    key: UUID
    number: int = Field(description="As in the Sync Audit and on the command line.", examples=[12])
    account_id: int = Field(examples=[1])
    sync_type: str = Field(examples=["lists_out"])
    purpose: Purpose
    plan: bool = Field(description="True: reads and decides, and writes to neither side.")
    subject: UUID | None = Field(description="The plan that this run carries out, or the run that it undoes.")
    lists: list[int] = Field(description="Ids of the marketing lists that it is limited to; empty for all.")
    status: RunStatus
    trigger: Trigger
    requested_by: str
    queued_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    counts: Counts
    progress: Progress
    message: MessageFacts
    approval: ApprovalFacts
    fuse: list[str] = Field(description="What tripped the fuse, in words; empty where nothing did.")


class PartFacts(Schema):
    """One list within a run."""

    id: int
    audit_type: str = Field(examples=["MarketingListsDataOut"])
    name: str = Field(examples=["Newsletter"])
    list_id: int | None = Field(description="The marketing list's id here.")
    status: RunStatus
    counts: Counts
    message: str
    notes: str


def run_facts(run: Run) -> RunFacts:
    return RunFacts(
        key=run.key,
        number=run.pk,
        account_id=run.account_id,
        sync_type=run.sync_type,
        purpose=Purpose(run.purpose),
        plan=run.plan_only,
        subject=run.subject.key if run.subject else None,
        lists=run.scope,
        status=RunStatus(run.status),
        trigger=Trigger(run.trigger),
        requested_by=run.requested_by,
        queued_at=run.queued_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        counts=counts_of(run),
        progress=Progress(done=run.progress_done, total=run.progress_total, text=run.progress_text),
        message=MessageFacts(code=run.message_code, text=run.message, remedy=run.remedy),
        approval=ApprovalFacts(state=Approval(run.approval), by=run.approval_by, at=run.approval_at),
        fuse=run.fuse,
    )


def accepted(run: Run) -> Status[RunFacts]:
    """The answer to a call that has queued a run, or asked one to stop."""
    return Status(HTTPStatus.ACCEPTED, run_facts(run))


def part_facts(part: RunPart) -> PartFacts:
    return PartFacts(
        id=part.pk,
        audit_type=part.audit_type,
        name=part.name,
        list_id=part.list_id,
        status=RunStatus(part.status),
        counts=counts_of(part),
        message=part.message,
        notes=part.notes,
    )


def counts_of(counted: Run | RunPart) -> Counts:
    return Counts(**{name: getattr(counted, name) for name in COUNTS})
