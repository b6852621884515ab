"""Suppressing addresses by hand, and the page of one suppressed address with the note about it."""

from functools import partial

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from syncline.accounts.clients import dotdigital_for_somebody_waiting
from syncline.accounts.models import EmailAccount
from syncline.consent.ledger import Source
from syncline.consent.suppressing import (
    LONGEST_NOTE,
    MOST_ADDRESSES,
    Asked,
    Suppressing,
    suppress,
    write_note,
)
from syncline.consent.suppression_list import suppression_of
from syncline.consent.typed_addresses import addresses_in
from syncline.console.actors import actor_of
from syncline.console.rights import Right, needs
from syncline.console.suppressions_page import LONGEST_ADDRESS, suppression_rows
from syncline.console.vendor_calls import in_words

BAD_SHOWN = 5


class NoteForm(forms.Form):
    """What people here write about a suppression."""

    note = forms.CharField(
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Who asked for it, when and how. Only for the people who use this console: Dotdigital "
        "keeps no notes.",
    )


class SuppressForm(NoteForm):
    """Addresses to suppress, one or many."""

    addresses = forms.CharField(
        label="E-mail addresses",
        max_length=MOST_ADDRESSES * (LONGEST_ADDRESS + 2),
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false"}),
        help_text=f"One a line, or with commas or semicolons between them; up to {MOST_ADDRESSES:,} at once.",
        error_messages={"required": "Write the address to suppress."},
    )
    field_order = ("addresses", "note")

    def clean_addresses(self) -> list[str]:
        typed = addresses_in(self.cleaned_data["addresses"])
        if typed.bad:
            told = ", ".join(word[:80] for word in typed.bad[:BAD_SHOWN])
            more = f" and {len(typed.bad) - BAD_SHOWN} more" if len(typed.bad) > BAD_SHOWN else ""
            raise forms.ValidationError(f"No e-mail address: {told}{more}. Nothing was suppressed yet.")
        if len(typed.good) > MOST_ADDRESSES:
            raise forms.ValidationError(
                f"These are {len(typed.good):,} addresses; suppress up to {MOST_ADDRESSES:,} at once."
            )
        return typed.good


@needs(Right.ADMINISTER, post=Right.ADMINISTER)
def suppression_new(request: HttpRequest, account_id: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    given = {"addresses": request.GET.get("address", "")[:LONGEST_ADDRESS]}
    form = SuppressForm(request.POST) if request.method == "POST" else SuppressForm(initial=given)
    if request.method == "POST" and form.is_valid():
        _suppress(request, account, form)
        return redirect("suppressions", account.pk)
    context = {"account": account, "tab": "suppressions", "form": form}
    return render(
        request, "console/account/suppression_new.html", context, status=422 if form.errors else 200
    )


@needs(Right.SEE, post=Right.ADMINISTER)
def suppression(request: HttpRequest, account_id: int) -> HttpResponse:
    """One suppressed address, named by `address`, where the note about it can be changed."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    address = request.GET.get("address", "").strip().lower()
    stored = suppression_of(account.pk, address)
    if stored is None:
        raise Http404(f"{account.name} has no such address on its suppression list")
    form = NoteForm(request.POST or None, initial={"note": stored.note})
    if request.method == "POST" and form.is_valid():
        write_note(account, address, form.cleaned_data["note"], by=actor_of(request))
        messages.success(request, "The note was saved.")
        return redirect(suppression_address(account, address))
    context = {
        "account": account,
        "tab": "suppressions",
        "row": suppression_rows(account, [stored])[0],
        "form": form,
    }
    return render(request, "console/account/suppression.html", context, status=422 if form.errors else 200)


def suppression_address(account: EmailAccount, address: str) -> str:
    """Where the page of a suppressed address is."""
    return f"{reverse('suppression', args=[account.pk])}?{urlencode({'address': address})}"


def _suppress(request: HttpRequest, account: EmailAccount, form: SuppressForm) -> None:
    asked = Asked(
        form.cleaned_data["addresses"], actor_of(request), Source.CONSOLE, form.cleaned_data["note"]
    )
    _tell(request, suppress(account, asked, partial(dotdigital_for_somebody_waiting, account)))


def _tell(request: HttpRequest, done: Suppressing) -> None:
    """What became of it, the worst last."""
    if done.accepted:
        messages.success(request, f"{_addresses(done.accepted)} suppressed in Dotdigital.")
    if done.known:
        messages.info(
            request, f"{_addresses(done.known)} on the list already, and left with the reason there."
        )
    if done.refused:
        address, words = next(iter(done.refused.items()))
        messages.warning(
            request,
            f"Dotdigital takes no contact for {len(done.refused)} of the addresses ({address}: {words}). "
            "Syncline stops for them all the same.",
        )
    if done.waiting:
        why = f" {in_words(done.problem)}" if done.problem else " It is still at work on them."
        messages.warning(
            request,
            f"{_addresses(done.waiting)} stopped here, and Dotdigital has not confirmed it.{why} "
            "Suppress them again to ask once more.",
        )


def _addresses(keys: list[str]) -> str:
    return f"{keys[0]} is" if len(keys) == 1 else f"{len(keys):,} addresses are"
