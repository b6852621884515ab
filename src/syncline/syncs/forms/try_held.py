"""Responses that Dynamics refused, in whole or in part, and that somebody replays: once more, as they were
read.
"""

from typing import Final

import msgspec

from syncline.dotdigital import FormResponse
from syncline.forms.models import Form
from syncline.forms.responses import STORE
from syncline.syncs.campaigns.write_rows import DataSetFailedError
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next, Wait
from syncline.syncs.forms.parts import fail_part
from syncline.syncs.forms.queue_answers import queue_answers
from syncline.syncs.forms.structure import rows_of
from syncline.syncs.forms.write_responses import Page, make
from syncline.syncs.marketing_lists.setting import Setting

PAGE: Final = 1000
_decode = msgspec.json.Decoder(FormResponse).decode


def try_held(context: RunContext, setting: Setting) -> Next | None:
    """Some of the responses that are to be tried again, of one form."""
    del setting
    due = STORE.due_again(context.account.pk, PAGE)
    if not due:
        return None
    these = [row for row in due if row.form_key == due[0].form_key]
    form = Form.objects.select_related("account").get(pk=these[0].form_key)
    rows = rows_of(form)
    page = Page(context, form, rows, make(context, rows, (_decode(row.columns) for row in these)), again=True)
    try:
        page.write()
        shut = page.write_answers()
        if shut:
            raise DataSetFailedError(shut)
    except DataSetFailedError as error:
        with context.storing():
            STORE.leave_held(context.account.pk, [row.row_id for row in these])
            fail_part(context, form, "Responses", str(error))
        return More()
    with context.storing():
        queue_answers(context, form, page.settle())
    return More() if page.wait_s is None else Wait(page.wait_s)
