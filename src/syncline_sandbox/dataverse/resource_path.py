"""Resource paths: ``contacts(key)/nav/$ref`` in segments, and what stands in the brackets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from syncline_sandbox.dataverse.errors import DataverseError, bad_request, key_undefined
from syncline_sandbox.dataverse.query.expressions import Literal
from syncline_sandbox.dataverse.query.options import split_outside
from syncline_sandbox.dataverse.query.parser import parse_value
from syncline_sandbox.dataverse.query.values import guid, literal_for
from syncline_sandbox.dataverse.schema.model import Key, Table

# The service's front end refuses these in a path even when they are percent-encoded.
DANGEROUS = frozenset("<>*%&:\\?+")


@dataclass(frozen=True)
class Segment:
    """``name`` or ``name(key)``; ``key`` is None without brackets and "" with empty ones."""

    name: str
    key: str | None = None

    @property
    def is_operation(self) -> bool:
        return self.name.startswith("Microsoft.Dynamics.CRM.")


def parse_path(path: str, *, from_url: bool = True) -> list[Segment]:
    """Segments of a path relative to the service root.

    ``from_url``: refuse in keys what the service's front end refuses; addresses inside of bodies do not pass
    it.
    """
    try:
        text = unquote(path, errors="strict")
    except UnicodeDecodeError as error:
        raise bad_request(f"The path is not valid UTF-8: {error}") from error
    return [_segment(piece, from_url) for piece in _split(text)]


def _split(text: str) -> list[str]:
    """At slashes outside of quotes; an unbalanced quote leaves the rest in one piece."""
    pieces: list[str] = []
    quoted, start = False, 0
    for position, char in enumerate(text):
        if char == "'":
            quoted = not quoted
        elif char == "/" and not quoted:
            pieces.append(text[start:position])
            start = position + 1
    pieces.append(text[start:])
    return [piece for piece in pieces if piece]


def _segment(text: str, from_url: bool) -> Segment:
    name, bracket, rest = text.partition("(")
    if not bracket:
        return Segment(text)
    if not rest.endswith(")"):
        raise bad_request(f"Bad Request - Error in query syntax. ('{text}')")
    key = rest[:-1]
    if from_url and not name.startswith("Microsoft.") and "'" in key:
        # A slash inside a value would have ended the segment at the service.
        bad = DANGEROUS.intersection(key) or ({"/"} if "/" in key else set())
        if bad:
            raise DataverseError(
                400,
                "0x80060888",
                "A potentially dangerous Request.Path value was detected from the client "
                f"({sorted(bad)[0]}).",
            )
    return Segment(name, key)


@dataclass(frozen=True)
class RowAddress:
    """One row of a table: by id, or by the values of a key."""

    table: Table
    row_id: str | None
    key: Key | None = None
    # By column, as stored.
    key_values: Mapping[str, Any] | None = None


def read_key(table: Table, text: str, aliases: Mapping[str, str]) -> RowAddress:
    """What the brackets say; 400 when that is no key of the table."""
    pairs = [_pair(piece, table) for piece in split_outside(text, ",")]
    if len(pairs) == 1 and pairs[0][0] is None:
        return RowAddress(table, _primary(table, pairs[0][1], aliases))
    names = [name for name, _ in pairs]
    if names == [table.primary_id]:
        return RowAddress(table, _primary(table, pairs[0][1], aliases))
    values: dict[str, Any] = {}
    for name, value_text in pairs:
        column = table.column_of_property(name or "") or table.columns.get(name or "")
        if column is None:
            raise key_undefined(table.type_name)
        literal = parse_value(value_text, aliases)
        if not isinstance(literal, Literal):
            raise key_undefined(table.type_name)
        values[column.name] = literal_for(column, literal, "eq")
    key = next((key for key in table.keys.values() if set(key.columns) == set(values)), None)
    if key is None or not key.built or len(values) != len(pairs):
        raise key_undefined(table.type_name)
    return RowAddress(table, None, key, values)


def _pair(text: str, table: Table) -> tuple[str | None, str]:
    name, equals, value = text.partition("=")
    if equals and name.strip().replace("_", "").isalnum() and not name.strip().startswith("'"):
        return name.strip(), value.strip()
    return None, text.strip()


def _primary(table: Table, text: str, aliases: Mapping[str, str]) -> str:
    if text.startswith("@"):
        literal = parse_value(text, aliases)
        text = str(literal.value) if isinstance(literal, Literal) else ""
    if text.startswith("'"):
        raise key_undefined(table.type_name)
    return guid(text)


def relative_to_service(url: str, base_url: str) -> str:
    """The part of a URL behind ``/api/data/v9.x/``, whichever way it was written."""
    path = url
    if "://" in path:
        path = "/" + path.split("://", 1)[1].partition("/")[2]
    marker = "/api/data/"
    if marker in path:
        path = path.split(marker, 1)[1].partition("/")[2]
    return path.lstrip("/")
