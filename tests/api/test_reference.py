"""The reference page names every operation, and every status that one may answer with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ninja import Schema

from syncline.api.checks import every_operation
from syncline.api.urls import api

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "api.md").read_text()
METHODS = tuple(f"| `{method} " for method in ("GET", "POST", "PUT", "PATCH", "DELETE"))
DOCUMENT = dict(api.get_openapi_schema())
CALLS = {
    f"{method.upper()} {address}": operation
    for address, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
}


@pytest.mark.parametrize("call", sorted(CALLS))
def test_every_operation_is_described(call: str) -> None:
    assert f"\n| `{call}` | " in PAGE


def test_nothing_else_is_described() -> None:
    described = {line.split("`")[1] for line in PAGE.splitlines() if line.startswith(METHODS)}
    assert described == {*CALLS, "GET /api/v1/openapi.json"}
    assert len(described) == len(list(every_operation(api)))


def test_every_status_is_described() -> None:
    statuses = {str(status) for operation in CALLS.values() for status in operation["responses"]}
    assert all(f"\n| {status} | " in PAGE for status in statuses | {"405", "500"})


def test_no_two_schemas_share_a_name() -> None:
    """The document knows a schema by its name alone, and would tell one of them wrong."""
    schemas: dict[str, set[type]] = {}
    for kind in _below(Schema):
        if kind.__module__.startswith("syncline.api"):
            schemas.setdefault(kind.__name__, set()).add(kind)
    assert [name for name, kinds in schemas.items() if len(kinds) > 1] == []


def _below(kind: type) -> Iterator[type]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)
