"""The system query options of a request, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from syncline_sandbox.dataverse.errors import bad_request
from syncline_sandbox.dataverse.query.expressions import Expression, OrderItem
from syncline_sandbox.dataverse.query.parser import parse_filter, parse_orderby

_KNOWN = frozenset(
    {"$select", "$expand", "$filter", "$orderby", "$top", "$count", "$apply", "$skiptoken", "$deltatoken"}
)
_IN_EXPAND = frozenset({"$select", "$expand", "$filter", "$orderby", "$top", "$count"})
MAX_EXPANDS = 15


@dataclass(frozen=True)
class Expand:
    """One navigation property of ``$expand``; ``reference`` for ``nav/$ref``."""

    name: str
    options: Options
    reference: bool = False


@dataclass(frozen=True)
class Options:
    select: tuple[str, ...] | None = None
    expand: tuple[Expand, ...] = ()
    filter: Expression | None = None
    orderby: tuple[OrderItem, ...] = ()
    top: int | None = None
    count: bool = False
    apply: str | None = None
    skip_token: str | None = None
    delta_token: str | None = None
    # The texts as they came, to be repeated in links.
    texts: Mapping[str, str] = field(default_factory=dict)


def read_options(query: Mapping[str, str], aliases: Mapping[str, str]) -> Options:
    """Raises 400 for options that Dataverse does not support, such as ``$skip``, or does not know."""
    for name in query:
        if name.startswith("$") and name not in _KNOWN:
            raise _unsupported(name)
    return _read(query, aliases)


def _unsupported(name: str) -> Exception:
    if name in ("$skip", "$search", "$format"):
        return bad_request(f"The query parameter {name} is not supported.", "0x80060888")
    return bad_request(f"The query parameter '{name}' is not supported.", "0x80060888")


def _read(query: Mapping[str, str], aliases: Mapping[str, str]) -> Options:
    filter_text, order_text = query.get("$filter"), query.get("$orderby")
    expand = read_expand(query["$expand"], aliases) if query.get("$expand") else ()
    if len(expand) > MAX_EXPANDS:
        raise bad_request(
            f"The number of $expand options in the query exceeds the maximum allowed value of {MAX_EXPANDS}."
        )
    return Options(
        select=_select(query.get("$select")),
        expand=expand,
        filter=parse_filter(filter_text, aliases) if filter_text else None,
        orderby=tuple(parse_orderby(order_text, aliases)) if order_text else (),
        top=_whole_number(query.get("$top"), "$top"),
        count=_boolean(query.get("$count"), "$count"),
        apply=query.get("$apply"),
        skip_token=query.get("$skiptoken"),
        delta_token=query.get("$deltatoken"),
        texts=query,
    )


def _select(text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    names = [part.strip() for part in text.split(",")]
    if not text.strip():
        return None
    if any(not name for name in names):
        raise bad_request(f"Term '{text}' is not valid in a $select or $expand expression.")
    # Repeating a name changes nothing.
    return tuple(dict.fromkeys(names))


def _whole_number(text: str | None, name: str) -> int | None:
    if text is None:
        return None
    if not text.isdecimal():
        raise bad_request(
            f"Invalid value '{text}' for {name} query option found. The {name} query option requires a "
            "non-negative integer value."
        )
    return int(text)


def _boolean(text: str | None, name: str) -> bool:
    if text is None or text.lower() == "false":
        return False
    if text.lower() == "true":
        return True
    raise bad_request(f"Invalid value '{text}' for {name} query option found. Valid values are 'true,false'.")


def read_expand(text: str, aliases: Mapping[str, str]) -> tuple[Expand, ...]:
    return tuple(_expand_item(item.strip(), aliases) for item in split_outside(text, ","))


def _expand_item(text: str, aliases: Mapping[str, str]) -> Expand:
    name, bracket, rest = text.partition("(")
    name = name.strip()
    reference = name.endswith("/$ref")
    name = name.removesuffix("/$ref")
    if not name or "/" in name or (bracket and not rest.endswith(")")):
        raise bad_request(f"Term '{text}' is not valid in a $select or $expand expression.")
    options: dict[str, str] = {}
    for piece in split_outside(rest[:-1], ";") if bracket else []:
        key, equals, value = piece.partition("=")
        key = key.strip()
        if not equals or key not in _IN_EXPAND:
            raise bad_request(f"Term '{piece.strip()}' is not valid in a $select or $expand expression.")
        options[key] = value.strip()
    return Expand(name, _read(options, aliases), reference)


def split_outside(text: str, separator: str) -> list[str]:
    """Split at separators that are neither in brackets nor in a quoted string."""
    parts: list[str] = []
    depth, quoted, start = 0, False, 0
    for position, char in enumerate(text):
        if char == "'":
            quoted = not quoted
        elif quoted:
            continue
        elif char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif char == separator and depth == 0:
            parts.append(text[start:position])
            start = position + 1
    parts.append(text[start:])
    if quoted or depth:
        raise bad_request(f"Found an unbalanced bracket expression in '{text}'.")
    return [part for part in parts if part.strip()]
