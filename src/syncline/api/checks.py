"""A check at every start: each operation of the API names the right it needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.core.checks import CheckMessage, Error, register

if TYPE_CHECKING:  # Every process loads this module, and a worker has no use for ninja and its 12 MiB.
    from ninja import NinjaAPI
    from ninja.operation import Operation


@register()
def every_operation_names_its_right(**_: Any) -> list[CheckMessage]:
    from syncline.api.urls import api

    return forgotten(api)


def forgotten(api: NinjaAPI) -> list[CheckMessage]:
    return [
        Error(
            f"The operation {'/'.join(operation.methods)} {operation.path} names no right.",
            hint="Give it auth=needs(...) of syncline.api.guard.",
            id="api.E001",
        )
        for operation in every_operation(api)
        if not (guards := operation.auth_callbacks) or not all(map(_names_a_right, guards))
    ]


def every_operation(api: NinjaAPI) -> Iterator[Operation]:
    """Those that the OpenAPI document leaves out too, for which ninja has no public way."""
    for router in api._get_bound_routers():
        for view in router.path_operations.values():
            yield from view.operations


def _names_a_right(guard: object) -> bool:
    from syncline.api.guard import BearerToken

    return isinstance(guard, BearerToken) and guard.rule is not None
