"""Writes rows about people into one table of Dynamics, 1,000 a call, and keeps what Dynamics holds by now."""

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from syncline.campaigns import activities
from syncline.campaigns.activities import Written
from syncline.campaigns.models import Campaign, HeldActivity
from syncline.dataverse import MOST_ROWS_A_MESSAGE, RowChange, RowOutcome, bind
from syncline.ledger.outcomes import OutcomeRow
from syncline.people.store import to_json
from syncline.syncs.campaigns.activity_rows import without_name
from syncline.syncs.campaigns.campaign_rows import CAMPAIGNS, Columns, digest_of
from syncline.syncs.campaigns.closed_tables import NOT_THERE, closed, remedy_for
from syncline.syncs.campaigns.counting import count_rows
from syncline.syncs.campaigns.data_sets import DataSet
from syncline.syncs.campaigns.linking import Link
from syncline.syncs.campaigns.parts import id_in_dynamics
from syncline.syncs.context import RunContext
from syncline.syncs.marketing_lists.parts import hold, let_go

SYNC_TYPE: Final = "campaigns"
REFUSED: Final = "activity_refused"


class DataSetFailedError(Exception):
    """This set of data cannot go on in this run; the others can. The text says why."""


class Owed(NamedTuple):
    """A row that Dynamics does not hold as it is."""

    row_id: str
    person_key: str
    contact_id: int
    columns: Columns
    link: Link | None
    """Set where the row is to be linked with this write."""
    linked_to: str = ""
    """The record that it is linked to already."""
    is_new: bool = True

    @property
    def digest(self) -> str:
        return digest_of(without_name(self.columns), 8)


class Answered(NamedTuple):
    owed: Owed
    answer: RowOutcome


class Target(Protocol):
    """A table of ours with rows about what people did."""

    @property
    def table(self) -> str: ...
    @property
    def entity_set(self) -> str: ...


def write_rows(
    context: RunContext, campaign: Campaign, data_set: DataSet, owed: Sequence[Owed]
) -> list[Answered]:
    """The rows of a campaign; else like `write_linked_rows`."""
    about = {
        "syncline_account": str(context.account.connector_key),
        "syncline_Campaign@odata.bind": bind(CAMPAIGNS, id_in_dynamics(campaign)),
    }
    return write_linked_rows(context, data_set, owed, about)


def write_linked_rows(
    context: RunContext, target: Target, owed: Sequence[Owed], about: Columns
) -> list[Answered]:
    """One answer a row, in order; `about` is what all rows say. Raises DataSetFailedError where the table is
    shut to us as a whole.
    """
    told = _send(context, target, owed, about)
    # A record that Dynamics deleted since we last read it must not keep the row away.
    orphans = [
        one.owed._replace(link=None)
        for one in told
        if one.answer.state == "rejected" and one.answer.code.lower() == NOT_THERE and one.owed.link
    ]
    again = {one.owed.row_id: one for one in _send(context, target, orphans, about)}
    return [again.get(one.owed.row_id, one) for one in told]


def _send(context: RunContext, target: Target, owed: Sequence[Owed], about: Columns) -> list[Answered]:
    changes = [
        RowChange(one.row_id, {**one.columns, **about, **(one.link.columns if one.link else {})})
        for one in owed
    ]
    answers = context.dataverse.upsert_isolated(
        target.entity_set, target.table, changes, at_a_time=MOST_ROWS_A_MESSAGE
    )
    if shut := closed(answers):
        raise DataSetFailedError(remedy_for(shut, target.table))
    return [Answered(one, answer) for one, answer in zip(owed, answers, strict=True)]


def settle_rows(
    context: RunContext, campaign: Campaign, part_id: int, data_set: DataSet, told: Sequence[Answered]
) -> list[OutcomeRow]:
    """Keep what Dynamics holds by now, and what it refused. The outcomes are those of what was refused: what
    went through stands in Dynamics, and is only counted.
    """
    account_id = context.account.pk
    done = [one.owed for one in told if one.answer.state == "done"]
    known = activities.known(account_id, [one.row_id for one in done])
    refused = [one for one in told if one.answer.state == "rejected"]
    activities.keep(
        account_id,
        [
            Written(
                one.row_id,
                data_set.name,
                one.person_key,
                one.digest,
                one.link.record_id if one.link else one.linked_to,
            )
            for one in done
        ],
    )
    written = {one.row_id: one.columns for one in done}
    count_rows(context, campaign, data_set.name, written, new=written.keys() - known.keys())
    _let_go(context, done)
    activities.hold([_held(context, campaign, data_set, one.owed) for one in refused])
    rows = [_refusal(campaign, part_id, data_set, one) for one in refused]
    hold(context, SYNC_TYPE, rows)
    return rows


def _let_go(context: RunContext, done: Sequence[Owed]) -> None:
    """Rows that were held and went through; their people, of whom nothing else is held."""
    account_id = context.account.pk
    keys = {one.person_key for one in done}
    held = activities.people_held(account_id, keys)
    if held:
        activities.let_go(account_id, [one.row_id for one in done])
        let_go(context, SYNC_TYPE, sorted(held - activities.people_held(account_id, held)))


def _held(context: RunContext, campaign: Campaign, data_set: DataSet, owed: Owed) -> HeldActivity:
    return HeldActivity(
        account_id=context.account.pk,
        row_id=owed.row_id,
        data_set=data_set.name,
        campaign_key=campaign.pk,
        person_key=owed.person_key,
        contact_id=owed.contact_id,
        columns=to_json(owed.columns),
        due=False,
    )


def _refusal(campaign: Campaign, part_id: int, data_set: DataSet, told: Answered) -> OutcomeRow:
    return OutcomeRow(
        part_id=part_id,
        person_key=told.owed.person_key,
        name=campaign.name[:200],
        entity="",
        record_id=told.owed.row_id,
        side="dynamics",
        result="rejected",
        action="create" if told.owed.is_new else "update",
        reason=REFUSED,
        detail=f"{data_set.name}: {told.answer.reason}",
        vendor_code=told.answer.code[:64],
        fields=to_json({name: [None, value] for name, value in told.owed.columns.items()}),
    )
