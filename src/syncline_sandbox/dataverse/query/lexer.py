"""Tokens of OData expressions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from syncline_sandbox.dataverse.errors import DataverseError, bad_request

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<enum>Microsoft\.Dynamics\.CRM\.\w+'(?:[^']|'')*')
  | (?P<string>'(?:[^']|'')*')
  | (?P<guid>[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b)
  | (?P<datetime>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)
  | (?P<date>\d{4}-\d{2}-\d{2}\b)
  | (?P<number>[+-]?(?:\d+\.\d+|\d+)(?:[eE][+-]?\d+)?[mMdDfFlL]?\b)
  | (?P<alias>@\w+)
  | (?P<quoted>"(?:[^"\\]|\\.)*")
  | (?P<name>[A-Za-z_][\w.]*(?:\#\w+)?)
  | (?P<sign>[(),/:=\[\]*])
    """,
    re.VERBOSE,
)


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    position: int


def syntax_error(position: int, text: str) -> DataverseError:
    return bad_request(f"Syntax error at position {position} in '{text}'.")


def tokenize(text: str) -> list[Token]:
    """All tokens and a last one of kind ``end``; white space is dropped."""
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise syntax_error(position, text)
        if match.lastgroup != "space":
            tokens.append(Token(match.lastgroup, match.group(), position))
        position = match.end()
    tokens.append(Token("end", "", len(text)))
    return tokens
