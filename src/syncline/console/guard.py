"""Deny by default: nothing in the console answers before the table of rights has been asked."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse

from syncline.accounts.models import User
from syncline.accounts.rights import API
from syncline.console.rights import Right, may, needs_of


class RightsMiddleware:
    """Checks the right that the view names against the person's role, before the view runs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # Pages hold people's addresses: no cache keeps them, the browser's own after signing out included.
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if request.resolver_match and request.resolver_match.namespaces == [API]:
            # Every operation of the API asks for a token's right itself, and refuses where none is named.
            return None
        if _holds_nul(request):
            raise SuspiciousOperation("A NUL character, which no table holds, was sent")
        needed = needs_of(view)
        if needed is None:
            return refuse(request, None)
        right = needed.right(request.method or "", kwargs)
        if right is None:
            return HttpResponseNotAllowed(needed.methods)
        if may(request.user, right):
            return None
        return refuse(request, right) if request.user.is_authenticated else ask_to_sign_in(request)


def _holds_nul(request: HttpRequest) -> bool:
    """Whether a text was sent that PostgreSQL would refuse to look for. No browser sends one by itself."""
    sent = (*request.GET.lists(), *request.POST.lists())
    return any("\0" in text for name, texts in sent for text in (name, *map(str, texts)))


def refuse(request: HttpRequest, right: Right | None) -> HttpResponse:
    """403 with a page that says which right is missing (None: the view names none) and who can help."""
    role = request.user.get_role_display() if isinstance(request.user, User) else ""
    return render(request, "console/forbidden.html", {"right": right, "role": role}, status=403)


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Off to the sign-in page, and back here afterwards where the request was a plain look."""
    address = reverse("sign-in")
    if request.headers.get("HX-Request"):
        # A fragment cannot show the sign-in page: htmx is told to leave the page that asked.
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    if request.method in {"GET", "HEAD"} and request.path != "/":
        address += "?" + urlencode({"next": request.get_full_path()})
    return redirect(address)
