"""Reading the columns of a table that a lookup points at, when somebody wants to choose one of them.

CRM metadata refreshes contact, lead and account. Which further tables may be wanted nobody knows before, and
lookups can point at dozens.
"""

from datetime import UTC, datetime

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from syncline.accounts.admin_log import record_change
from syncline.accounts.models import EmailAccount
from syncline.console.actors import actor_of
from syncline.console.live_dynamics import impatient_client
from syncline.console.mapping_rows import Lookup, via_of
from syncline.console.mappings_page import entity_or_404
from syncline.console.rights import Right, needs
from syncline.mapping.crm_columns import differences, read_columns, store
from syncline.remote import RemoteError


@needs(post=Right.ADMINISTER)
def columns_read(request: HttpRequest, account_id: int, entity: str) -> HttpResponse:
    """Read the columns of the table behind a lookup now, and show them."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    table = entity_or_404(entity)
    via = via_of(account, table, request.POST.get("through", ""), request.POST.get("table", ""))
    if via is None:
        messages.error(request, f"No lookup column of {table.label.lower()} that is known here points there.")
        return redirect("mappings", account.pk, table)
    try:
        count = _read(request, account, via)
    except RemoteError as error:
        messages.error(request, f"The columns of {via.table} could not be read. {error}. {error.what_to_do}")
    else:
        if count:
            messages.success(request, f"{count} columns of {via.table} were read; they can be mapped now.")
        else:
            messages.warning(request, f"Dynamics shows no columns of {via.table} to the application user.")
    place = {"through": via.column, "table": via.table}
    return redirect(reverse("mappings", args=[account.pk, table], query=place))


def _read(request: HttpRequest, account: EmailAccount, via: Lookup) -> int:
    """How many there are. Nothing is locked while Dynamics is asked. Raises RemoteError."""
    with impatient_client(account) as client:
        found = read_columns(client, via.table)
    with transaction.atomic():
        store(account, via.table, differences(account, via.table, found), datetime.now(UTC))
        record_change(actor_of(request), account, "columns read", {}, {"table": via.table})
    return len(found)
