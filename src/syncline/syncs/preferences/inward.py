"""Keeps what people chose against their contacts and leads in Dynamics."""

from collections.abc import Sequence
from typing import Final

from syncline.dataverse import MOST_ROWS_A_MESSAGE, ComparedChange, Dataverse, RowChange, RowOutcome
from syncline.people.store import choices
from syncline.people.store.choices import ChoiceRow
from syncline.syncs.consent.changes import Change, Decision, Kind
from syncline.syncs.consent.compared import Compared, write_compared
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Next
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.preferences import rows
from syncline.syncs.preferences.facts import held_now, numbers_of


def keep_choices(context: RunContext, setting: Setting) -> Next | None:
    """One page of people."""
    return write_compared(context, setting, KEEPING)


def _write(context: RunContext, changes: Sequence[Change]) -> dict[Change, RowOutcome]:
    """New rows under ids of ours: one that an earlier attempt made is left as it is, and read below."""
    account, client = context.account, context.dataverse
    known = [one for one in changes if one.version]
    compared = [ComparedChange(one.row_id, one.version, rows.choice_columns(account, one)) for one in known]
    answers = dict(zip(known, client.update_unchanged(rows.CHOICES, compared), strict=True))
    new = [one for one in changes if not one.version]
    made = [RowChange(one.row_id, rows.choice_columns(account, one)) for one in new]
    answers.update(zip(new, _make(client, made), strict=True))
    return answers


def _make(client: Dataverse, made: Sequence[RowChange]) -> list[RowOutcome]:
    return client.create_isolated(rows.CHOICES, rows.CHOICE, made, at_a_time=MOST_ROWS_A_MESSAGE)


def _arrived(context: RunContext, changes: Sequence[Change]) -> set[Change]:
    asked = [ChoiceRow(one.row_id, one.record_id, one.preference, 0, 0, ours=True) for one in changes]
    found = held_now(context.dataverse, context.position["our_user"], numbers_of(context.account), asked)
    with context.storing():
        # One that was made and says something else by now is changed next, and not made anew.
        choices.keep_rows(context.account.pk, [ChoiceRow(*row[:-1]) for row in found], context.run.pk)
    now = {row.row_id: row.chosen for row in found}
    return {one for one in changes if now.get(one.row_id) == one.after}


def _remember(context: RunContext, done: Sequence[tuple[str, Change]]) -> None:
    made = [
        ChoiceRow(one.row_id, one.record_id, one.preference, one.after, one.chosen_ms, ours=True)
        for _, one in done
    ]
    choices.keep_rows(context.account.pk, made, context.run.pk)


def _agreed(context: RunContext, decisions: Sequence[Decision]) -> None:
    agreed = [(one.key, preference, value) for one in decisions for preference, value in one.agreed]
    choices.settle_choices(context.account.pk, agreed)


def _waits(decision: Decision) -> bool:
    """What Dotdigital has not been told yet is told to nobody."""
    return any(one.kind == Kind.CHOOSE for one in decision.changes)


KEEPING: Final = Compared(
    kind="keep_choices",
    text="Telling Dynamics what people chose",
    write=_write,
    arrived=_arrived,
    done=_remember,
    agreed=_agreed,
    waits=_waits,
)
