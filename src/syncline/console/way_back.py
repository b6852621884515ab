"""Where a plain form leads after it was answered: the page that it stood on."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def way_back(request: HttpRequest, otherwise: str) -> str:
    """The address that the form names as `back`, where that is one of this console; else `otherwise`."""
    back = str(request.POST.get("back", ""))
    here = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return back if here else otherwise
