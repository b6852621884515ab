"""Who is behind a request, for the admin log."""

from django.http import HttpRequest

from syncline.accounts.admin_log import Actor


def actor_of(request: HttpRequest) -> Actor:
    return Actor(request.user.get_username(), str(request.META.get("REMOTE_ADDR", "")))
