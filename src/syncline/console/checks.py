"""A check at every start: each address of the console names the right it needs."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.urls import URLPattern, URLResolver, get_resolver

from syncline.accounts.rights import API
from syncline.console.rights import needs_of


@register()
def every_address_names_its_right(**_: Any) -> list[CheckMessage]:
    return [
        Error(
            f"The address {pattern.pattern} names no right.",
            hint="Mark its view with syncline.console.rights.needs(...).",
            id="console.E001",
        )
        for pattern in every_pattern()
        if needs_of(pattern.callback) is None
    ]


def every_pattern(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    """Every address, included ones too; those of the API have a check of their own (api/checks.py)."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver) and entry.namespace == API:
            continue
        if isinstance(entry, URLResolver):
            yield from every_pattern(entry)
        else:
            yield entry
