"""No module but one can subscribe anybody: by what the client can say, by the linter, and by the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path
from typing import Any, get_args

import pytest

from syncline.dotdigital import Dotdigital, ImportRow
from syncline.dotdigital.imports import Restriction

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "syncline"
CALLS = SOURCE / "dotdigital" / "resubscribing.py"
THE_WAY = SOURCE / "consent" / "resubscribe.py"


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield path, ast.parse(path.read_text())


@pytest.mark.parametrize("status", ["subscribed", "Subscribed", "pendingOptIn", ""])
def test_no_import_row_can_carry_a_subscription(status: Any) -> None:
    assert set(get_args(Restriction)) == {"unsubscribed", "suppressed"}
    with pytest.raises(ValueError, match="never makes anybody"):
        ImportRow(email="alice@example.com", email_status=status)


def test_a_client_at_hand_cannot_resubscribe() -> None:
    assert [name for name in dir(Dotdigital) if "resubscri" in name.lower()] == []


def test_the_linter_lets_one_module_at_the_calls() -> None:
    contracts = ConfigParser()
    contracts.read(ROOT / ".importlinter")
    contract = contracts["importlinter:contract:way-back"]
    assert contract["type"] == "protected"
    assert contract["protected_modules"].split() == ["syncline.dotdigital.resubscribing"]
    assert contract["allowed_importers"].split() == ["syncline.consent.resubscribe"]


def test_no_other_module_names_the_calls() -> None:
    """The linter sees imports; this sees addresses of the API and imports by name."""
    found = {
        path
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and ("contacts/resubscribe" in node.value or "dotdigital.resubscribing" in node.value)
        and "\n" not in node.value
    }
    assert found == {CALLS}


def test_no_call_goes_without_a_challenge() -> None:
    assert "no-challenge" not in CALLS.read_text()
    assert all("WithNoChallenge" not in path.read_text() for path, _ in modules())


def test_only_the_way_back_makes_the_caller() -> None:
    """`Resubscriptions` is made in one place, and nothing else calls a method of its name on a client."""
    makers = {
        path
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id == "Resubscriptions"
    }
    assert makers == {THE_WAY}


def test_no_module_of_the_client_writes_the_word_but_to_read_it() -> None:
    """In bodies of requests, `status` is only ever what an import row carries, which is held above; an error
    tells its HTTP status by that name.
    """
    keys = {
        (path.name, key.value)
        for path, tree in modules()
        if path.parent == SOURCE / "dotdigital" and path.name != "errors.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant) and key.value in {"status", "unsubscribedContact"}
    }
    assert keys == {("imports.py", "status"), ("resubscribing.py", "unsubscribedContact")}
