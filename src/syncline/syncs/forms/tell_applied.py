"""What became of a page of answers on their way to contacts and leads, in the audit and in what is kept."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from syncline.dataverse import RowOutcome
from syncline.forms import last_said, unapplied
from syncline.forms.last_said import Said
from syncline.forms.models import Form
from syncline.forms.responses import people_held
from syncline.ledger import outcomes
from syncline.ledger.outcomes import OutcomeRow
from syncline.people import store
from syncline.syncs.context import RunContext
from syncline.syncs.forms.decide import Change, Decision, Stopped
from syncline.syncs.forms.parts import part_of
from syncline.syncs.marketing_lists.decisions import CrmCreate
from syncline.syncs.marketing_lists.parts import hold, let_go, refused
from syncline.syncs.marketing_lists.write_newcomers import MADE_BEFORE

SYNC_TYPE: Final = "forms"


class Owed(NamedTuple):
    """A change with what the record held before, and the responses that it settles."""

    change: Change
    before: dict[str, Any]
    row_ids: list[str]
    form_key: int
    said: dict[str, str]


Told = Sequence[tuple[Owed, RowOutcome]]


class Teller:
    """Gathers what became of a page, and stores it at once within the step's transaction."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._forms: dict[int, Form] = {}
        self._rows: list[OutcomeRow] = []
        self._done: dict[str, str] = {}
        """Row id → person, of responses that are settled."""
        self._held: list[str] = []
        self._unchanged: Counter[tuple[int | None, str]] = Counter()
        self._new: list[tuple[str, CrmCreate]] = []
        self._said: dict[str, Said] = {}
        """By person, of what stands in Dynamics by now."""

    def tell_updates(self, told: Told) -> None:
        for one, answer in told:
            change = one.change
            fields = {name: [one.before.get(name), new] for name, new in change.columns.items()}
            row = OutcomeRow(
                part_id=self._part(one.form_key),
                person_key=change.key,
                name=change.name[:200],
                entity=change.entity,
                record_id=change.record_id,
                side="dynamics",
                result="updated",
                action="update",
                fields=store.to_json({name: both for name, both in fields.items() if both[0] != both[1]}),
            )
            self._note(row, answer, change.key, one.row_ids, one.said)

    def tell_new(self, decision: Decision, create: CrmCreate, answer: RowOutcome) -> None:
        key = decision.written[0].person_key
        row = OutcomeRow(
            part_id=self._part(decision.written[-1].form_key),
            person_key=key,
            name=create.name[:200],
            entity=create.entity,
            record_id=create.record_id,
            side="dynamics",
            result="created",
            action="create",
            reason="new_person",
            fields=store.to_json(create.columns),
        )
        self._note(row, answer, key, [one.row_id for one in decision.written], decision.said)
        if answer.state == "done":
            self._new.append((key, create))

    def tell_idle(self, decisions: Sequence[Decision]) -> None:
        """What is there already leaves no row in the audit, only a number."""
        for decision in decisions:
            for one in decision.written:
                self._done[one.row_id] = one.person_key
                self._said[one.person_key] = decision.said
                self._unchanged[self._part(one.form_key), "unchanged"] += 1

    def tell_stopped(self, stopped: Sequence[Stopped]) -> None:
        for one in stopped:
            answered = one.answered
            self._rows.append(
                OutcomeRow(
                    part_id=self._part(answered.form_key),
                    person_key=answered.person_key,
                    name=self._form(answered.form_key).name[:200],
                    entity="",
                    record_id=answered.row_id,
                    side="dynamics",
                    result="rejected" if one.held else "skipped",
                    action="none",
                    reason=one.reason,
                    detail=one.detail,
                )
            )
            if one.held:
                self._held.append(answered.row_id)
            else:
                self._done[answered.row_id] = answered.person_key

    def settle(self) -> None:
        context, account_id = self._context, self._context.account.pk
        outcomes.record(context.run, self._rows, context.now())
        outcomes.count(context.run, self._unchanged)
        last_said.keep(account_id, {key: said for key, said in self._said.items() if said})
        unapplied.settle(account_id, list(self._done))
        unapplied.hold(account_id, self._held)
        hold(context, SYNC_TYPE, self._rows)
        keys = set(self._done.values())
        let_go(context, SYNC_TYPE, sorted(keys - people_held(account_id, keys)))
        _remember(context, self._new)

    def _note(
        self, row: OutcomeRow, answer: RowOutcome, key: str, row_ids: Sequence[str], said: Said
    ) -> None:
        if answer.state == "done":
            self._rows.append(row)
            self._said[key] = said
            self._done |= dict.fromkeys(row_ids, key)
        elif answer.state == "rejected":
            rejected = row._replace(result="rejected")
            made_before = rejected._replace(reason=MADE_BEFORE)
            self._rows.append(made_before if answer.code == MADE_BEFORE else refused(rejected, answer))
            self._held += row_ids

    def _form(self, form_key: int) -> Form:
        if form_key not in self._forms:
            self._forms[form_key] = Form.objects.get(pk=form_key)
        return self._forms[form_key]

    def _part(self, form_key: int) -> int:
        return part_of(self._context, self._form(form_key)).pk


def _remember(context: RunContext, made: Sequence[tuple[str, CrmCreate]]) -> None:
    """Keep new records as if they had been read; the next reading of Dynamics tells the rest of them."""
    account_id, run_id = context.account.pk, context.run.pk
    rows = [
        (account_id, one.entity, one.record_id, key, one.name, 0, store.to_json({}), "", run_id)
        for key, one in made
    ]
    store.save_crm_records(rows)
    store.concern(account_id, [key for key, _ in made])
