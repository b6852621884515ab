"""Light or dark: remembered in a cookie, so that it holds before anybody signs in and without any script."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from syncline.console.rights import Right, needs
from syncline.console.way_back import way_back

YEAR_S = 365 * 24 * 3600


@needs(post=Right.ANYONE)
def theme(request: HttpRequest) -> HttpResponse:
    """Remember the theme and go back to where the person was."""
    chosen = request.POST.get("theme", "")
    response = redirect(way_back(request, otherwise="/"))
    if chosen in {"light", "dark"}:
        response.set_cookie("theme", chosen, max_age=YEAR_S, samesite="Lax", secure=request.is_secure())
    return response
