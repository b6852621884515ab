"""Puts responses to mapped forms on their way to a contact or lead."""

from collections.abc import Sequence

import msgspec

from syncline.forms import unapplied
from syncline.forms.models import Form, UnappliedResponse
from syncline.people.facts import NO_ADDRESS
from syncline.syncs.context import RunContext
from syncline.syncs.forms.rows import words_of
from syncline.syncs.forms.write_responses import Response

_encode = msgspec.json.Encoder().encode


def queue_answers(context: RunContext, form: Form, responses: Sequence[Response]) -> None:
    """Those that are complete and have an address, where the form is mapped at all."""
    if not form.creates and not form.fields.exists():
        return
    unapplied.add(
        [
            UnappliedResponse(
                account_id=context.account.pk,
                row_id=one.row.row_id,
                form_key=form.pk,
                person_key=one.row.person_key,
                completed=one.row.columns["syncline_completedon"] or "",
                answers=_encode([(*where, words) for where, words in words_of(one.answers).items()]).decode(),
                due=True,
            )
            for one in responses
            if one.told.complete and not one.row.person_key.startswith(NO_ADDRESS)
        ]
    )
