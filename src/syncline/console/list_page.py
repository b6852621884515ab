"""One marketing list: its audience, its settings, the Dotdigital list it is linked to, and its last runs."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from syncline.accounts.models import EmailAccount
from syncline.console.actors import actor_of
from syncline.console.dynamics_links import record_address
from syncline.console.list_rows import audience_parts, list_row, under_way
from syncline.console.meanwhile import (
    CHANGED,
    KEPT,
    WRONG,
    ChangedMeanwhileError,
    basis_of,
    mark_of,
    nobody_else_saved,
)
from syncline.console.rights import Right, may, needs
from syncline.console.run_message import message_of
from syncline.console.vendor_calls import dynamics_of, in_words
from syncline.ledger.lanes import keep_free
from syncline.ledger.models import LIST_PARTS, RunPart
from syncline.lists import linking
from syncline.lists.changing import ListSettings, change_list, settings_of, unlink_list
from syncline.lists.models import MarketingList, MembershipAction
from syncline.mapping.models import Entity
from syncline.remote import RemoteError

RUNS_SHOWN = 10
LETS_PEOPLE_IN = (MembershipAction.ALLOW_KNOWN, MembershipAction.ALLOW_NEW)


class ListForm(forms.Form):
    """The settings of a list, as far as its kind has them."""

    activated = forms.BooleanField(required=False)
    sync_order = forms.IntegerField(
        label="Synchronisation order",
        min_value=0,
        max_value=2_147_483_647,
        help_text="Lower goes first; 1000 where nobody chose. Lists with the same number go by name.",
        error_messages={"required": "Give a number; 1000 is the usual one."},
    )
    membership_action = forms.ChoiceField(
        label="People who are in the Dotdigital list only", choices=MembershipAction.choices, required=False
    )
    manual_only = forms.BooleanField(required=False)

    def __init__(self, marketing_list: MarketingList, sent: QueryDict | None = None) -> None:
        stored = settings_of(marketing_list)
        super().__init__(sent, initial=vars(stored))
        self._stored = stored
        if marketing_list.dynamic:
            del self.fields["membership_action"]
        elif marketing_list.entity == Entity.ACCOUNT:
            actions = self.fields["membership_action"]
            assert isinstance(actions, forms.ChoiceField)
            # Nobody becomes a company by their address.
            actions.choices = [
                one for one in MembershipAction.choices if one[0] != MembershipAction.ALLOW_NEW
            ]

    @property
    def wanted(self) -> ListSettings:
        sent = self.cleaned_data
        return ListSettings(
            activated=sent["activated"],
            sync_order=sent["sync_order"],
            membership_action=sent.get("membership_action") or self._stored.membership_action,
            manual_only=sent["manual_only"],
        )


@needs(Right.SEE, post=Right.ADMINISTER)
def one_list(request: HttpRequest, account_id: int, list_id: int) -> HttpResponse:
    account, found = _found(account_id, list_id)
    if request.method != "POST":
        return _page(request, account, found, ListForm(found))
    form = ListForm(found, request.POST)
    status = WRONG
    try:
        if form.is_valid() and _saved(request, account, found, form):
            return redirect("list", account.pk, found.pk)
    except ChangedMeanwhileError as changed:
        messages.warning(request, f"{changed} {KEPT}")
        status = CHANGED
    found.refresh_from_db()
    return _page(request, account, found, form, status)


@needs(post=Right.ADMINISTER)
@transaction.atomic
def list_unlink(request: HttpRequest, account_id: int, list_id: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    # Before the list is read, for a sync links lists too.
    is_free = keep_free(account.pk, "people")
    found = get_object_or_404(MarketingList, account=account, pk=list_id)
    if not is_free:
        messages.warning(request, "A sync of this account is under way. Unlink the list when it has ended.")
    elif found.address_book_id is None:
        messages.info(request, f"“{found.name}” is not linked to a Dotdigital list.")
    else:
        unlink_list(account, found, by=actor_of(request))
        messages.success(
            request, f"“{found.name}” was unlinked. The next sync links the Dotdigital list of its name."
        )
    return redirect("list", account.pk, found.pk)


def _found(account_id: int, list_id: int) -> tuple[EmailAccount, MarketingList]:
    account = get_object_or_404(EmailAccount, pk=account_id)
    return account, get_object_or_404(MarketingList, account=account, pk=list_id)


def _saved(request: HttpRequest, account: EmailAccount, found: MarketingList, form: ListForm) -> bool:
    """Whether it could be stored; if not, the form says why and keeps what was chosen. Raises
    ChangedMeanwhileError.
    """
    # Asked before Dynamics is told and not while: nobody else should wait for Dynamics.
    with nobody_else_saved(request, account, lambda _: _mark(found), ("marketing list changed",)):
        pass
    try:
        with dynamics_of(account) as client:
            changed = change_list(
                client, account, found, form.wanted, by=actor_of(request), now=timezone.now()
            )
    except RemoteError as error:
        form.add_error(None, f"Nothing was saved. {in_words(error)}")
        return False
    messages.success(request, "Saved." if changed else "Nothing had changed.")
    return True


def _mark(marketing_list: MarketingList) -> str:
    return mark_of(settings_of(marketing_list))


def _page(
    request: HttpRequest, account: EmailAccount, found: MarketingList, form: ListForm, status: int = 200
) -> HttpResponse:
    row = list_row(found)
    runs = RunPart.objects.filter(run__account=account, audit_type__in=LIST_PARTS, reference=found.pk)
    runs = runs.select_related("run")
    context: dict[str, Any] = {
        "account": account,
        "section": "lists",
        "section_current": "true",
        "list": found,
        "row": row,
        "parts": audience_parts(row.audience) if row.audience else [],
        "form": form,
        "basis": basis_of(request, _mark(found), status),
        "unsaved": status != 200,
        "in_dynamics": record_address(account, "list", found.list_id),
        "obstacle": "" if found.problem else linking.obstacle(found),
        "lets_people_in": found.membership_action in LETS_PEOPLE_IN and not found.dynamic,
        "has_hole": account.only_open_and_active and account.readmit_inactive,
        "runs": [
            (part, message_of(part)) for part in runs.select_related("run").order_by("-pk")[:RUNS_SHOWN]
        ],
        "under_way": under_way(account),
        "may_sync": may(request.user, Right.START_LIST_SYNC),
        "may_administer": may(request.user, Right.ADMINISTER),
    }
    return render(request, "console/account/list.html", context, status=status)
