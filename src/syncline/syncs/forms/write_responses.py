"""Writes responses and their answers, 1,000 rows a call, and keeps what Dynamics holds by now."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from syncline.campaigns.row_store import Known, Written
from syncline.consent import erased
from syncline.dataverse import MOST_ROWS_A_MESSAGE, RowChange, RowOutcome
from syncline.dotdigital import FormResponse
from syncline.forms.models import Form, HeldResponse
from syncline.forms.responses import RESPONSES, STORE, people_held
from syncline.ledger import outcomes
from syncline.ledger.outcomes import OutcomeRow
from syncline.people.store import to_json
from syncline.syncs.campaigns.campaign_rows import digest_of
from syncline.syncs.campaigns.closed_tables import closed, remedy_for
from syncline.syncs.campaigns.linking import links_of
from syncline.syncs.campaigns.write_rows import Owed, write_linked_rows
from syncline.syncs.context import RunContext
from syncline.syncs.forms.parts import part_of
from syncline.syncs.forms.rows import ANSWER, RESPONSE, FormRows, ResponseRow, Row
from syncline.syncs.marketing_lists.parts import hold, let_go

SYNC_TYPE: Final = "forms"
REFUSED: Final = "response_refused"
_encode = msgspec.json.Encoder().encode


class Response(NamedTuple):
    """One response in all its forms: as read, and as rows of Dynamics."""

    told: FormResponse
    row: ResponseRow
    answers: list[Row]

    @property
    def own_digest(self) -> str:
        return digest_of(self.row.columns, 8)

    @property
    def digest(self) -> str:
        return self.own_digest + digest_of({one.row_id: one.columns for one in self.answers}, 8)


def make(context: RunContext, rows: FormRows, told: Iterable[FormResponse]) -> list[Response]:
    """Who was erased here and had opted out leaves no trace again."""
    made = [Response(one, rows.response(one), rows.answers(one)) for one in told]
    if erased.anybody():
        stopped = erased.stopped(context.account.pk, {one.row.person_key for one in made})
        made = [one for one in made if one.row.person_key not in stopped]
    return list({one.row.row_id: one for one in made}.values())


class Page:
    """Some responses of one form on their way into Dynamics. `with_answers` false leaves those to the next
    run. `again`: they were refused before, and go whatever Dynamics holds.
    """

    def __init__(
        self,
        context: RunContext,
        form: Form,
        rows: FormRows,
        responses: Sequence[Response],
        *,
        with_answers: bool = True,
        again: bool = False,
    ) -> None:
        self._context, self._form, self._rows = context, form, rows
        self._responses, self._with_answers = responses, with_answers
        ids = [one.row.row_id for one in responses]
        self._known: Mapping[str, Known] = STORE.known(context.account.pk, ids)
        self._again = again
        self._written: dict[str, str] = {}
        """Row id → the record that it is linked to, of responses that stand in Dynamics by now."""
        self._refused: dict[str, RowOutcome] = {}
        self._put_off: list[float] = []

    def write(self) -> None:
        """Raises DataSetFailedError where responses are shut to us as a whole."""
        owed = [one for one in self._responses if self._is_owed(one)]
        links = links_of(self._context, sorted({one.row.person_key for one in owed}))
        rows = []
        for one in owed:
            linked_to = self._linked_to(one)
            link = None if linked_to else links.get(one.row.person_key)
            rows.append(Owed(one.row.row_id, one.row.person_key, 0, one.row.columns, link, linked_to))
        told = write_linked_rows(self._context, RESPONSE, rows, self._rows.about_responses) if rows else []
        owed_ids = {one.row.row_id for one in owed}
        self._written = {
            one.row.row_id: self._linked_to(one) for one in self._responses if one.row.row_id not in owed_ids
        }
        for row, answer in told:
            self._note(row.row_id, answer)
            if answer.state == "done":
                self._written[row.row_id] = row.link.record_id if row.link else row.linked_to

    def write_answers(self) -> str:
        """Of the responses that stand. Returns why the table is shut to us; empty where it is not."""
        owed = [
            (one.row.row_id, answer)
            for one in self._responses
            if one.row.row_id in self._written and self._owes_answers(one)
            for answer in one.answers
        ]
        if not owed or not self._with_answers:
            return ""
        changes = [RowChange(answer.row_id, answer.columns) for _, answer in owed]
        answers = self._context.dataverse.upsert_isolated(
            ANSWER.entity_set, ANSWER.table, changes, at_a_time=MOST_ROWS_A_MESSAGE
        )
        if shut := closed(answers):
            self._with_answers = False
            return remedy_for(shut, ANSWER.table)
        for (row_id, _), answer in zip(owed, answers, strict=True):
            self._note(row_id, answer)
        return ""

    def settle(self) -> list[Response]:
        """Within the step's transaction: what Dynamics holds by now, what it refused, and the counts. Returns
        the responses that came through in full, and had not before.
        """
        account_id, part = self._context.account.pk, part_of(self._context, self._form)
        stand = [one for one in self._responses if one.row.row_id in self._written]
        fresh = [one for one in stand if self._owes_answers(one)]
        STORE.keep(account_id, [self._kept(one) for one in fresh])
        refused = [one for one in self._responses if one.row.row_id in self._refused]
        whole = (
            [] if self.wait_s is not None else [one for one in fresh if one.row.row_id not in self._refused]
        )
        self._let_go(whole)
        STORE.hold([self._held(one) for one in refused])
        rows = [self._refusal(part.pk, one) for one in refused]
        outcomes.record(self._context.run, rows, self._context.now())
        hold(self._context, SYNC_TYPE, rows)
        if self.wait_s is None:
            self._count(part.pk, whole, len(stand) - len(fresh))
        return whole if self._with_answers else []

    @property
    def wait_s(self) -> float | None:
        return max(self._put_off) if self._put_off else None

    def _is_owed(self, one: Response) -> bool:
        known = self._known.get(one.row.row_id)
        return self._again or known is None or not known.digest.startswith(one.own_digest)

    def _owes_answers(self, one: Response) -> bool:
        known = self._known.get(one.row.row_id)
        return self._again or known is None or known.digest != one.digest

    def _linked_to(self, one: Response) -> str:
        known = self._known.get(one.row.row_id)
        return known.record_id if known else ""

    def _note(self, row_id: str, answer: RowOutcome) -> None:
        if answer.state == "deferred":
            self._put_off.append(answer.after_s or 5.0)
        elif answer.state == "rejected":
            self._refused.setdefault(row_id, answer)

    def _kept(self, one: Response) -> Written:
        """With the answers' digest only where nothing is left to be done about them."""
        done = self._with_answers and self.wait_s is None
        digest = one.digest if done else one.own_digest
        return Written(one.row.row_id, RESPONSES, one.row.person_key, digest, self._written[one.row.row_id])

    def _held(self, one: Response) -> HeldResponse:
        return HeldResponse(
            account_id=self._context.account.pk,
            row_id=one.row.row_id,
            data_set=RESPONSES,
            form_key=self._form.pk,
            person_key=one.row.person_key,
            columns=_encode(one.told).decode(),
            due=False,
        )

    def _let_go(self, whole: Sequence[Response]) -> None:
        """Responses that were held and went through; their people, of whom nothing else is held."""
        account_id = self._context.account.pk
        held = STORE.people_held(account_id, {one.row.person_key for one in whole})
        if held:
            STORE.let_go(account_id, [one.row.row_id for one in whole])
            let_go(self._context, SYNC_TYPE, sorted(held - people_held(account_id, held)))

    def _count(self, part_id: int, whole: Sequence[Response], unchanged: int) -> None:
        tally = Counter("updated" if self._stood_before(one) else "created" for one in whole)
        tally["unchanged"] = unchanged
        counts: Counter[tuple[int | None, str]] = Counter(
            {(part_id, result): number for result, number in tally.items()}
        )
        outcomes.count(self._context.run, counts)

    def _stood_before(self, one: Response) -> bool:
        """Whether Dynamics held it with its answers, whatever they were."""
        known = self._known.get(one.row.row_id)
        return known is not None and len(known.digest) > len(one.own_digest)

    def _refusal(self, part_id: int, one: Response) -> OutcomeRow:
        answer = self._refused[one.row.row_id]
        return OutcomeRow(
            part_id=part_id,
            person_key=one.row.person_key,
            name=self._form.name[:200],
            entity="",
            record_id=one.row.row_id,
            side="dynamics",
            result="rejected",
            action="update" if one.row.row_id in self._known else "create",
            reason=REFUSED,
            detail=answer.reason,
            vendor_code=answer.code[:64],
            fields=to_json({name: [None, value] for name, value in one.row.columns.items()}),
        )
