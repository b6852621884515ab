"""Resubscribe: a manager confirms that somebody asked to come back, and Dotdigital asks that person."""

from functools import partial

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from syncline.accounts.clients import dotdigital_for_somebody_waiting
from syncline.accounts.models import EmailAccount
from syncline.consent.resubscribe import LONGEST_EVIDENCE, RefusedError, Wish, ask, refuse
from syncline.consent.resubscriptions import GROUNDS, Ground, State, too_soon
from syncline.consent.suppression_list import suppression_of
from syncline.console.actors import actor_of
from syncline.console.list_rows import why_address
from syncline.console.record_pages import number_in
from syncline.console.rights import Right, needs
from syncline.console.suppressions_page import LONGEST_ADDRESS, suppression_rows
from syncline.console.vendor_calls import in_words
from syncline.lists.models import MarketingList
from syncline.remote import RemoteError


class ResubscribeForm(forms.Form):
    """On what ground, and that it is so."""

    ground = forms.ChoiceField(
        label="How did they ask?",
        choices=[("", "Choose…"), *((ground.value, words) for ground, words in GROUNDS.items())],
        error_messages={"required": "Choose how they asked."},
    )
    evidence = forms.CharField(
        label="Who asked, when and how?",
        max_length=LONGEST_EVIDENCE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It is kept as the proof, with your name.",
        error_messages={"required": "Say who asked, when and how: it is the proof."},
    )
    asked_themselves = forms.BooleanField(
        error_messages={"required": "Confirm that the person asked for it themselves."}
    )


@needs(Right.ADMINISTER, post=Right.ADMINISTER)
def resubscribe(request: HttpRequest, account_id: int) -> HttpResponse:
    """For the address named by `address`; with `list`, for that one list."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    address = request.GET.get("address", "").strip().lower()[:LONGEST_ADDRESS]
    if not address:
        raise Http404("No address was named")
    listed = _list_of(request, account)
    form = ResubscribeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _asked(request, account, address, listed, form):
        return redirect(why_address(account, address))
    stored = suppression_of(account.pk, address)
    context = {
        "account": account,
        "tab": "suppressions",
        "address": address,
        "row": suppression_rows(account, [stored])[0] if stored else None,
        "list": listed,
        "problem": _problem(account, address),
        "form": form,
    }
    return render(request, "console/account/resubscribe.html", context, status=422 if form.errors else 200)


def _list_of(request: HttpRequest, account: EmailAccount) -> MarketingList | None:
    """The list that they left; it has to have a list in Dotdigital."""
    number = number_in(request.GET.get("list", ""))
    if not number:
        return None
    return get_object_or_404(MarketingList, account=account, pk=number, address_book_id__isnull=False)


def _problem(account: EmailAccount, address: str) -> str:
    """Why the person may not be asked for, as far as is known here; empty where they may."""
    try:
        refuse(account, address)
    except RefusedError as refused:
        return str(refused)
    return too_soon(account.pk, address, timezone.now())


def _asked(
    request: HttpRequest,
    account: EmailAccount,
    address: str,
    listed: MarketingList | None,
    form: ResubscribeForm,
) -> bool:
    """Whether it was asked; where it was not, the form says why."""
    wish = Wish(
        address=address,
        ground=Ground(form.cleaned_data["ground"]),
        evidence=form.cleaned_data["evidence"],
        by=actor_of(request),
        list_id=listed.pk if listed else None,
        book_id=listed.address_book_id if listed else None,
    )
    try:
        answer = ask(account, wish, partial(dotdigital_for_somebody_waiting, account))
    except RefusedError as refused:
        form.add_error(None, str(refused))
        return False
    except RemoteError as error:
        form.add_error(None, f"Nobody was asked: {in_words(error)}")
        return False
    is_good = answer.state in {State.ADDED, State.CHALLENGED}
    (messages.success if is_good else messages.warning)(request, answer.words)
    return True
