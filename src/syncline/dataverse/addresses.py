"""How rows and queries are written into URLs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from syncline.remote import Permanent

# A row is named by its id, or by the columns of an alternate key.
Key = str | Mapping[str, str | int]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
# Dataverse does not take these in a key, not even encoded (contract §2.11).
_BREAKS_A_KEY = frozenset("/<>*%&:\\?+")


def name(text: str) -> str:
    """A table, set or column name, checked, since names come from stored settings as well."""
    if not _NAME.match(text):
        raise Permanent(f"{text!r} is not a name that Dataverse could know")
    return text


def guid(text: str) -> str:
    if not _GUID.match(text):
        raise Permanent(f"{text!r} is not the id of a Dataverse row")
    return text.lower()


def row(set_: str, key: Key) -> str:
    """`contacts(0000…)` or `contacts(dd_contactid='123')`."""
    return f"{name(set_)}({key_text(key)})"


def key_text(key: Key) -> str:
    if isinstance(key, str):
        return guid(key)
    return ",".join(f"{name(column)}={_key_value(value)}" for column, value in key.items())


def _key_value(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    if _BREAKS_A_KEY & set(value):
        raise Permanent(f"An alternate key cannot hold any of {' '.join(sorted(_BREAKS_A_KEY))}")
    return "'" + quote(value.replace("'", "''"), safe="'") + "'"


def bind(set_: str, id_: str) -> str:
    """The value of `<navigation property>@odata.bind` that points a lookup at a row."""
    return f"/{name(set_)}({guid(id_)})"


def text_literal(text: str) -> str:
    """A string literal for `$filter`."""
    return "'" + text.replace("'", "''") + "'"


def query(
    set_: str,
    *,
    select: Iterable[str] = (),
    filter_: str | None = None,
    orderby: Iterable[str] = (),
    expand: str | None = None,
) -> str:
    """A path with OData query options, encoded."""
    options = {
        "$select": ",".join(select),
        "$filter": filter_ or "",
        "$orderby": ",".join(orderby),
        "$expand": expand or "",
    }
    given = [f"{option}={quote(value, safe=_PLAIN)}" for option, value in options.items() if value]
    return set_ + ("?" + "&".join(given) if given else "")


# Left as they are, so that a journal can be read; none of them means anything to a URL inside a query.
_PLAIN = "$,()'/:;=@"
