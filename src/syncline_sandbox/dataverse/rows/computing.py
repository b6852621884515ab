"""What Dataverse fills in of itself: defaults, states, names, addresses, base amounts."""

from __future__ import annotations

import re
from typing import Any

from syncline_sandbox.dataverse.errors import DataverseError, bad_status
from syncline_sandbox.dataverse.schema.model import Table

_ADDRESS = re.compile(r"(address\d)_(line1|line2|line3|city|stateorprovince|postalcode|country)")
_NAME_PARTS = frozenset({"firstname", "lastname", "middlename"})

Values = dict[str, Any]


def defaults(table: Table) -> Values:
    """Values that a new row has where the payload says nothing."""
    found: Values = {}
    for column in table.columns.values():
        if column.type == "State" and column.options:
            found[column.name] = column.options[0].value
        elif column.default is not None and column.type != "Status":
            found[column.name] = int(column.default)
    return found


def default_status(table: Table, state: int) -> int | None:
    """The status reason that goes with a state when none is given."""
    column = table.columns["statuscode"]
    options = [option for option in column.options if option.state == state]
    if not options:
        return None
    preferred = next((option for option in options if option.value == column.default), options[0])
    return preferred.value


def settle_state(table: Table, values: Values, before: Values, row_id: str | None) -> None:
    """Complete and check state and status: a status implies its state, a state alone takes its default
    status.
    """
    if "statecode" not in table.columns or not ({"statecode", "statuscode"} & values.keys()):
        return
    state, status = values.get("statecode"), values.get("statuscode")
    if status is not None:
        option = table.columns["statuscode"].option(status)
        implied = option.state if option is not None else None
        if state is None and implied is not None:
            values["statecode"] = implied
        elif implied is not None and implied != state:
            raise bad_status(status, int(state or 0), table.name, row_id)
    elif state is not None:
        same = before.get("statecode") == state and before.get("statuscode") is not None
        values["statuscode"] = before["statuscode"] if same else default_status(table, state)
    else:
        # Neither may be emptied.
        values.pop("statecode", None)
        values.pop("statuscode", None)


def compute(table: Table, values: Values, before: Values) -> None:
    """Columns that follow from the ones being written."""
    if "fullname" in table.columns and _NAME_PARTS & values.keys():
        values["fullname"] = full_name({**before, **values})
    for prefix in {match[1] for name in values if (match := _ADDRESS.fullmatch(name))}:
        if f"{prefix}_composite" in table.columns:
            values[f"{prefix}_composite"] = composite(prefix, {**before, **values})
    if table.name == "list":
        _compute_list(values, before)


def _compute_list(values: Values, before: Values) -> None:
    """A dynamic list cannot be locked; the kind of member is kept twice."""
    row = {**before, **values}
    if row.get("type") and row.get("lockstatus"):
        raise DataverseError(400, "0x8004f703", "Lock status is not valid for a dynamic list.")
    if "createdfromcode" in values:
        values["membertype"] = values["createdfromcode"]
        values.setdefault("membercount", 0)


def needs_before(table: Table, values: Values) -> bool:
    """Whether what the row held before matters for what is computed."""
    names = values.keys()
    return (
        bool(_NAME_PARTS & names and "fullname" in table.columns)
        or bool({"statecode", "statuscode"} & names)
        or (table.name == "list" and bool({"type", "lockstatus"} & names))
        or any(_ADDRESS.fullmatch(name) for name in names)
        or any(column.base_of in values for column in table.columns.values() if column.base_of)
    )


def full_name(values: Values) -> str | None:
    """First, middle, last: the full name format of a new organisation."""
    parts = (values.get(part) for part in ("firstname", "middlename", "lastname"))
    return " ".join(part.strip() for part in parts if part and part.strip())[:160] or None


def composite(prefix: str, values: Values) -> str | None:
    part = {name: values.get(f"{prefix}_{name}") for name in _PARTS}
    region = " ".join(text for text in (part["stateorprovince"], part["postalcode"]) if text)
    town = ", ".join(text for text in (part["city"], region) if text)
    lines = [part["line1"], part["line2"], part["line3"], town, part["country"]]
    return "\r\n".join(line for line in lines if line) or None


_PARTS = ("line1", "line2", "line3", "city", "stateorprovince", "postalcode", "country")


def base_amounts(table: Table, values: Values, rate: float) -> None:
    """Money columns have their value in the base currency beside them."""
    for column in table.columns.values():
        if column.base_of is not None and column.base_of in values:
            amount = values[column.base_of]
            values[column.name] = None if amount is None else round(amount / rate, 4)
