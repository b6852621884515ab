"""Addresses of Dotdigital's web application."""

from typing import Final
from urllib.parse import urlsplit

_OF_THE_API: Final = "-api."


def application_address(dotdigital_url: str) -> str:
    """Where the people of an account work, which is beside its API: `{region}-app.…`. Empty for a sandbox,
    which has none.

    Dotdigital publishes no address of a single report, so none is made up here.
    """
    host = urlsplit(dotdigital_url).hostname or ""
    return f"https://{host.replace(_OF_THE_API, '-app.', 1)}/" if _OF_THE_API in host else ""
