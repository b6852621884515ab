"""Addresses whose views nobody gave a right, to see that they are refused."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from syncline.console.rights import Right, needs


def forgotten(_: HttpRequest) -> HttpResponse:
    return HttpResponse("a page that nobody thought about")


@needs(Right.ANYONE, post=Right.ANYONE)
def elsewhere(_: HttpRequest) -> HttpResponse:
    return HttpResponse("where the refusal's own links lead")


urlpatterns = [
    path("forgotten", forgotten),
    *(path(name, elsewhere, name=name) for name in ("accounts", "admin-log", "sign-out", "theme")),
]
