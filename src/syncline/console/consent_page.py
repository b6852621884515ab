"""Consent: the whole history of one address out of the ledger, and the same as a signed file."""

from typing import Final, get_args

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from syncline.accounts.models import EmailAccount
from syncline.console.rights import Right, needs
from syncline.syncs.consent_export import CONTENT_TYPES, Format, signed
from syncline.syncs.consent_history import history

LONGEST_ADDRESS: Final = 320


@needs(Right.SEE)
def consent(request: HttpRequest, account_id: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    address = _address(request)
    context = {"account": account, "section": "why", "section_current": "true", "address": address}
    if address:
        told = history(address)
        context |= {"told": told, "entries": reversed(told.entries)}
    return render(request, "console/account/consent.html", context)


@needs(Right.SEE)
def consent_export(request: HttpRequest, account_id: int) -> HttpResponse:
    """The file is signed, so what is exported can be proven later."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    address, form = _address(request), request.GET.get("format", "json")
    if not address:
        return redirect("consent", account.pk)
    if form not in get_args(Format):
        raise Http404
    return HttpResponse(
        signed(history(address), "csv" if form == "csv" else "json"),
        content_type=CONTENT_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="consent.{form}"'},
    )


def _address(request: HttpRequest) -> str:
    return request.GET.get("address", "").strip()[:LONGEST_ADDRESS]
