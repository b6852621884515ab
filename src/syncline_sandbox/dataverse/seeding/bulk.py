"""Rows by the thousand, for tests and benches, without going through the Web API."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count as counting
from typing import Any
from uuid import UUID, uuid5

from syncline_sandbox.control import ControlError
from syncline_sandbox.dataverse.lists.membership import MEMBER_TABLES
from syncline_sandbox.dataverse.organisation import BUSINESS_UNIT_ID, CURRENCY_ID, Organisation, new_id
from syncline_sandbox.dataverse.rows import computing
from syncline_sandbox.dataverse.rows.checking import stored_value
from syncline_sandbox.dataverse.rows.facts import facts_of
from syncline_sandbox.dataverse.rows.writing import RowWriter, WriteContext
from syncline_sandbox.dataverse.schema.model import Table
from syncline_sandbox.dataverse.seeding.platform import person_id
from syncline_sandbox.dataverse.storage.database import quoted

_NAMESPACE = UUID("3e9d1c55-7a5e-4f3c-9f43-2d6a5b1f0c77")
_CODES = {name: code for code, name in MEMBER_TABLES.items()}
_TEMPLATES: dict[str, dict[str, Any]] = {
    "contact": {
        "firstname": "First {n}",
        "lastname": "Last {n}",
        "emailaddress1": "person{n}@bulk.example",
        "address1_city": "City {n}",
        "jobtitle": "Tester",
        "mobilephone": "+44 7700 900000",
        "donotbulkemail": False,
        "birthdate": "1980-01-31",
    },
    "lead": {
        "subject": "Interest {n}",
        "firstname": "First {n}",
        "lastname": "Last {n}",
        "companyname": "Company {n}",
        "emailaddress1": "lead{n}@bulk.example",
    },
    "account": {"name": "Company {n}", "emailaddress1": "office{n}@bulk.example"},
}


def load(organisation: Organisation, body: dict[str, Any]) -> dict[str, Any]:
    """What ``POST /_control/seed`` asks for; one body may ask for several things."""
    unknown = body.keys() - {
        "table",
        "count",
        "start",
        "template",
        "list",
        "rows",
        "touch",
        "delete",
        "members",
    }
    if unknown:
        raise ControlError(f"unknown members: {', '.join(sorted(unknown))}")
    answer: dict[str, Any] = {}
    with organisation.transaction():
        if "count" in body:
            answer |= _fill(organisation, body)
        if "rows" in body:
            answer["ids"] = _rows(organisation, body["rows"])
        if "touch" in body:
            answer["touched"] = _touch(organisation, body["touch"])
        if "delete" in body:
            answer["deleted"] = _delete(organisation, body["delete"])
        if "members" in body:
            answer["members"] = _members(organisation, body["members"])
    return answer


def _table(organisation: Organisation, name: Any) -> Table:
    table = organisation.catalogue.tables.get(str(name))
    if table is None:
        raise ControlError(f"there is no table {name!r}")
    return table


def _writer(organisation: Organisation) -> RowWriter:
    """Seeds are the work of a person of the organisation, not of the connector."""
    return RowWriter(organisation, WriteContext(user_id=person_id("alice.archer")))


# Many alike


def _fill(organisation: Organisation, body: dict[str, Any]) -> dict[str, Any]:
    """``{"table", "count", "template", "start", "list"}``: rows from a template in which ``{n}`` counts."""
    table = _table(organisation, body.get("table", "contact"))
    number, start = int(body["count"]), int(body.get("start", 0))
    template = body.get("template") or _TEMPLATES.get(table.name) or {table.primary_name or "": "Row {n}"}
    prefix = bulk_id(table.name, 0)[:24]
    ids = [f"{prefix}{n:012x}" for n in range(start, start + number)]
    _insert_many(organisation, table, template, ids, start)
    answer: dict[str, Any] = {"count": number, "first_id": ids[0] if ids else None}
    if body.get("list") is not None:
        answer["listid"] = _list_of(organisation, table, body["list"], ids)
    return answer


def bulk_id(table: str, number: int) -> str:
    """Ids of filled rows: the table's own first half, then the number, so that they lie in order."""
    return f"{str(uuid5(_NAMESPACE, table))[:24]}{number:012x}"


def _insert_many(
    organisation: Organisation, table: Table, template: dict[str, Any], ids: list[str], start: int
) -> None:
    fixed, counted = _columns_of_template(organisation, table, template)
    names = [table.primary_id, "versionnumber", *counted, *fixed]
    constant = tuple(fixed.values())
    patterns = list(counted.values())
    first = organisation.database.version + 1
    organisation.database.version += len(ids)

    def rows() -> Iterator[tuple[Any, ...]]:
        for offset, (row_id, version) in enumerate(zip(ids, counting(first), strict=False)):
            number = str(start + offset)
            yield (row_id, version, *[pattern.replace("{n}", number) for pattern in patterns], *constant)

    columns = ", ".join(quoted(name) for name in names)
    marks = ", ".join("?" * len(names))
    organisation.database.connection.executemany(
        f"INSERT INTO {quoted(table.name)} ({columns}) VALUES ({marks})", rows()
    )


def _columns_of_template(
    organisation: Organisation, table: Table, template: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Values that are the same in every row, and texts with a number in them."""
    fixed: dict[str, Any] = dict(facts_of(table).defaults)
    counted: dict[str, str] = {}
    for name, value in template.items():
        column = table.columns.get(name)
        if column is None:
            raise ControlError(f"{table.name} has no column {name!r}")
        if isinstance(value, str) and "{n}" in value:
            counted[name] = value
            fixed.pop(name, None)
        else:
            fixed[name] = value if column.is_lookup else stored_value(table, column, value)
    parts = [str(template[part]) for part in ("firstname", "lastname") if template.get(part)]
    if "fullname" in table.columns and "fullname" not in template and parts:
        counted["fullname"] = " ".join(parts)
    if "statuscode" in table.columns:
        fixed.setdefault("statuscode", computing.default_status(table, fixed["statecode"]))
    return fixed | _stamps(organisation, table), counted


def _stamps(organisation: Organisation, table: Table) -> dict[str, Any]:
    user, now = person_id("alice.archer"), organisation.stamp()
    stamps: dict[str, Any] = {
        "createdon": now,
        "modifiedon": now,
        "createdby": user,
        "modifiedby": user,
        "ownerid": user,
        "owninguser": user,
        "owningbusinessunit": BUSINESS_UNIT_ID,
        "transactioncurrencyid": CURRENCY_ID if table.name != "transactioncurrency" else None,
    }
    found = {name: value for name, value in stamps.items() if name in table.columns}
    if "ownerid" in table.columns:
        found["ownerid__table"] = "systemuser"
    return found


def _list_of(organisation: Organisation, table: Table, body: dict[str, Any], ids: list[str]) -> str:
    """A static list, or one that exists (``listid``), with all of these rows in it."""
    writer = _writer(organisation)
    lists = organisation.catalogue.tables["list"]
    list_id = body.get("listid")
    if list_id is None:
        values = {"createdfromcode": _CODES.get(table.name), "type": False, **body}
        list_id = writer.create(lists, values)
    return _put_in_list(organisation, writer, str(list_id), table, ids)


def _put_in_list(
    organisation: Organisation, writer: RowWriter, list_id: str, table: Table, ids: list[str]
) -> str:
    database, now, user = organisation.database, organisation.stamp(), writer.context.user_id
    first = database.version + 1
    database.version += len(ids)
    # Ids in ascending order keep the table's index in order; the version makes them unique.
    prefix = new_id()[:24]
    database.connection.executemany(
        "INSERT INTO listmember (listmemberid, versionnumber, listid, entityid, entityid__table, "
        "entitytype, createdon, modifiedon, createdby, modifiedby) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                f"{prefix}{version:012x}",
                version,
                list_id,
                row_id,
                table.name,
                table.name,
                now,
                now,
                user,
                user,
            )
            for row_id, version in zip(ids, counting(first), strict=False)
        ),
    )
    lists = organisation.catalogue.tables["list"]
    before = writer.stored(lists, list_id)["membercount"] or 0
    writer.write(lists, list_id, {"membercount": before + len(ids)})
    return list_id


# Single rows


def _rows(organisation: Organisation, rows: dict[str, list[dict[str, Any]]]) -> dict[str, list[str]]:
    """``{"contact": [{…}]}``: payloads as the Web API takes them, ``@odata.bind`` included."""
    writer = _writer(organisation)
    return {
        name: [writer.create(_table(organisation, name), body) for body in bodies]
        for name, bodies in rows.items()
    }


def _members(organisation: Organisation, body: dict[str, Any]) -> int:
    """``{"listid", "table", "ids"}``: members for a static list."""
    table = _table(organisation, body.get("table", "contact"))
    ids = [str(row_id) for row_id in body.get("ids", [])]
    _put_in_list(organisation, _writer(organisation), str(body["listid"]), table, ids)
    return len(ids)


# Changes


def _touch(organisation: Organisation, body: dict[str, Any]) -> int:
    """``{"table", "count", "set": {…}}``: change this many rows, from the first by id on, spread by
    ``every``."""
    table = _table(organisation, body.get("table", "contact"))
    writer = _writer(organisation)
    changes = body.get("set") or {}
    ids = _some_ids(organisation, table, body)
    for number, row_id in enumerate(ids):
        filled = {
            name: value.replace("{n}", str(number)) if isinstance(value, str) else value
            for name, value in changes.items()
        }
        writer.update(table, row_id, filled)
    return len(ids)


def _delete(organisation: Organisation, body: dict[str, Any]) -> int:
    """``{"table", "count"}`` or ``{"table", "ids"}``."""
    table = _table(organisation, body.get("table", "contact"))
    writer = _writer(organisation)
    ids = _some_ids(organisation, table, body)
    for row_id in ids:
        writer.delete(table, row_id)
    return len(ids)


def _some_ids(organisation: Organisation, table: Table, body: dict[str, Any]) -> list[str]:
    if "ids" in body:
        return [str(row_id) for row_id in body["ids"]]
    every = int(body.get("every", 1))
    key = quoted(table.primary_id)
    found = organisation.database.rows(
        f"SELECT {key} FROM {quoted(table.name)} ORDER BY {key} LIMIT ? OFFSET ?",
        (int(body.get("count", 1)) * every, int(body.get("offset", 0))),
    )
    return [row[0] for row in found[::every]]
