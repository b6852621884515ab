"""The verbs of the command line: a verb's module, with all that it needs, is loaded when the verb is called.

So a verb that only looks at the database answers at once, without loading the engine and both clients.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

import typer
import typer.core
import typer.main

VERBS: Final = (
    "demo",
    "account",
    "user",
    "token",
    "doctor",
    "provision",
    "labels",
    "mappings",
    "lists",
    "sync",
    "plan",
    "plans",
    "approve",
    "discard",
    "fuse",
    "undo",
    "drift",
    "explain",
    "held",
    "consent",
    "suppressions",
    "campaigns",
    "insight",
    "forms",
    "behaviour",
    "resubscribe",
    "erase",
    "runs",
    "serve",
    "work",
    "migrate",
    "backup",
    "restore",
)
"""In the order in which `syncline --help` shows them. Each is a module of this package with
`register(app)`."""


class Verbs(Mapping[str, Any]):
    """Verb → its command, loaded when it is asked for."""

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, verb: str) -> Any:
        if verb not in VERBS:
            raise KeyError(verb)
        if verb not in self._loaded:
            alone = typer.Typer(rich_markup_mode="markdown")
            import_module(f"syncline.cli.{verb}").register(alone)
            self._loaded[verb] = typer.main.get_group(alone).commands[verb]
        return self._loaded[verb]

    def __iter__(self) -> Any:
        return iter(VERBS)

    def __len__(self) -> int:
        return len(VERBS)


class VerbGroup(typer.core.TyperGroup):
    """The group of all verbs."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.commands = Verbs()  # type: ignore[assignment]
