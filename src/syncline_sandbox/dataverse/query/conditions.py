"""The condition operators of Dataverse, as SQL. FetchXML and the ``Microsoft.Dynamics.CRM.*`` functions share
them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from syncline_sandbox.dataverse.errors import bad_request
from syncline_sandbox.dataverse.query.relative_dates import Range, fiscal_range, relative_range
from syncline_sandbox.dataverse.query.values import edm_type, moment, stamp, text_value
from syncline_sandbox.dataverse.schema.model import Column, Table
from syncline_sandbox.dataverse.storage.database import quoted

# English, the language of every user here.
_LANGUAGE = 1033


@dataclass(frozen=True)
class Caller:
    """Who asks, and when: what the identity and date operators need."""

    user_id: str
    business_unit_id: str
    now: datetime
    team_ids: tuple[str, ...] = ()


@dataclass
class Parameters:
    """Named SQL parameters, collected while SQL is written."""

    values: dict[str, Any] = field(default_factory=dict)

    def bind(self, value: Any) -> str:
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f":{name}"

    def bind_all(self, values: list[Any]) -> str:
        return ", ".join(self.bind(value) for value in values)


@dataclass(frozen=True)
class Subject:
    """The column that a condition is about, as SQL."""

    sql: str
    column: Column
    table: Table


def equals(subject: str, column: Column, value: Any, parameters: Parameters) -> str:
    """``eq``; text beyond ASCII is compared folded, which SQLite's own collation cannot do."""
    if value is None:
        return f"{subject} IS NULL"
    if column.is_text and not str(value).isascii():
        return f"fold({subject}) = {parameters.bind(str(value).casefold())}"
    return f"{subject} = {parameters.bind(value)}"


def like(subject: str, pattern: str, parameters: Parameters) -> str:
    """SQL Server's LIKE. SQLite's own is much faster, but knows neither ``[...]`` nor case beyond ASCII."""
    if "[" in pattern or not pattern.isascii():
        return f"sql_like({parameters.bind(pattern)}, {subject})"
    return f"{subject} LIKE {parameters.bind(pattern)}"


def negated(sql: str) -> str:
    """NOT in two-valued logic: rows without a value count as not fulfilling the inner condition."""
    return f"NOT coalesce({sql}, 0)"


class Conditions:
    """Writes the SQL of conditions given as operator and text values."""

    def __init__(self, caller: Caller, parameters: Parameters) -> None:
        self._caller = caller
        self._parameters = parameters
        self._writers: dict[str, Callable[[Subject, list[str]], str]] = {
            "eq": self._equal,
            "ne": lambda subject, values: negated(self._equal(subject, values)),
            "neq": lambda subject, values: negated(self._equal(subject, values)),
            "gt": self._ordered(">"),
            "ge": self._ordered(">="),
            "lt": self._ordered("<"),
            "le": self._ordered("<="),
            "like": self._like("{}"),
            "not-like": self._not(self._like("{}")),
            "begins-with": self._like("{}%"),
            "not-begin-with": self._not(self._like("{}%")),
            "ends-with": self._like("%{}"),
            "not-end-with": self._not(self._like("%{}")),
            "null": lambda subject, _: f"{subject.sql} IS NULL",
            "not-null": lambda subject, _: f"{subject.sql} IS NOT NULL",
            "in": self._in,
            "not-in": self._not(self._in),
            "between": self._between,
            "not-between": self._not(self._between),
            "contain-values": self._contain_values,
            "not-contain-values": self._not(self._contain_values),
            "on": self._on,
            "not-on": self._not(self._on),
            "on-or-after": self._on_or_after,
            "on-or-before": self._on_or_before,
            "eq-userid": self._fixed(lambda: [caller.user_id]),
            "ne-userid": self._not(self._fixed(lambda: [caller.user_id])),
            "eq-businessid": self._fixed(lambda: [caller.business_unit_id]),
            "ne-businessid": self._not(self._fixed(lambda: [caller.business_unit_id])),
            "eq-userlanguage": self._fixed(lambda: [_LANGUAGE]),
            "eq-useroruserhierarchy": self._user_and_reports,
            "eq-useroruserhierarchyandteams": self._user_and_reports,
            "eq-userteams": self._fixed(lambda: list(caller.team_ids)),
            "eq-useroruserteams": self._fixed(lambda: [caller.user_id, *caller.team_ids]),
            "under": self._hierarchy(down=True, include=False),
            "eq-or-under": self._hierarchy(down=True, include=True),
            "not-under": self._not(self._hierarchy(down=True, include=False)),
            "above": self._hierarchy(down=False, include=False),
            "eq-or-above": self._hierarchy(down=False, include=True),
        }

    def write(self, operator: str, subject: Subject, values: list[str]) -> str:
        """SQL for ``subject operator values``; 400 for an operator that does not exist."""
        writer = self._writers.get(operator)
        if writer is not None:
            return writer(subject, values)
        try:
            found = self._date_range(operator, values)
        except (ValueError, OverflowError) as error:
            raise bad_request(f"The value of operator '{operator}' is out of range.", "0x80040203") from error
        if found is None:
            raise bad_request(f"Invalid operator '{operator}' specified.", "0x80041101")
        return self._range(subject, found)

    def _date_range(self, operator: str, values: list[str]) -> Range | None:
        if "fiscal" in operator:
            return fiscal_range(operator, self._caller.now, [_whole(value, operator) for value in values])
        amount = _amount(values, operator) if "-x-" in operator else None
        return relative_range(operator, self._caller.now, amount)

    def _equal(self, subject: Subject, values: list[str]) -> str:
        value = text_value(subject.column, _one(values, "eq"))
        return equals(subject.sql, subject.column, value, self._parameters)

    def _ordered(self, sign: str) -> Callable[[Subject, list[str]], str]:
        def write(subject: Subject, values: list[str]) -> str:
            value = text_value(subject.column, _one(values, sign))
            return f"{subject.sql} {sign} {self._parameters.bind(value)}"

        return write

    def _like(self, form: str) -> Callable[[Subject, list[str]], str]:
        def write(subject: Subject, values: list[str]) -> str:
            return like(subject.sql, form.format(_one(values, "like")), self._parameters)

        return write

    def _not(self, writer: Callable[[Subject, list[str]], str]) -> Callable[[Subject, list[str]], str]:
        return lambda subject, values: negated(writer(subject, values))

    def _in(self, subject: Subject, values: list[str]) -> str:
        if not values:
            raise bad_request("The condition operator 'in' needs at least one value.", "0x80040203")
        stored = [text_value(subject.column, value) for value in values]
        if subject.column.is_text and not all(value.isascii() for value in values):
            folded = [str(value).casefold() for value in stored]
            return f"fold({subject.sql}) IN ({self._parameters.bind_all(folded)})"
        return f"{subject.sql} IN ({self._parameters.bind_all(stored)})"

    def _between(self, subject: Subject, values: list[str]) -> str:
        if len(values) != 2:
            raise bad_request("The condition operator 'between' needs two values.", "0x80040203")
        low, high = (self._parameters.bind(text_value(subject.column, value)) for value in values)
        return f"{subject.sql} BETWEEN {low} AND {high}"

    def _contain_values(self, subject: Subject, values: list[str]) -> str:
        if subject.column.type != "MultiSelectPicklist":
            raise bad_request(
                f"The attribute '{subject.column.name}' is not a multi-select choice.", "0x80040203"
            )
        tests = [
            f"(',' || {subject.sql} || ',') LIKE {self._parameters.bind(f'%,{int(value)},%')}"
            for value in values
        ]
        return f"({' OR '.join(tests)})"

    def _on(self, subject: Subject, values: list[str]) -> str:
        day = _day(_one(values, "on"))
        return self._range(subject, (day, day + timedelta(days=1)))

    def _on_or_after(self, subject: Subject, values: list[str]) -> str:
        return self._range(subject, (_day(_one(values, "on-or-after")), None))

    def _on_or_before(self, subject: Subject, values: list[str]) -> str:
        return self._range(subject, (None, _day(_one(values, "on-or-before")) + timedelta(days=1)))

    def _range(self, subject: Subject, bounds: tuple[datetime | None, datetime | None]) -> str:
        if subject.column.type != "DateTime":
            raise bad_request(f"The attribute '{subject.column.name}' is not a date.", "0x80040203")
        width = 10 if edm_type(subject.column) == "Edm.Date" else 20
        parts = []
        for sign, bound in ((">=", bounds[0]), ("<", bounds[1])):
            if bound is not None:
                parts.append(f"{subject.sql} {sign} {self._parameters.bind(stamp(bound)[:width])}")
        return f"({' AND '.join(parts)})"

    def _fixed(self, ids: Callable[[], list[Any]]) -> Callable[[Subject, list[str]], str]:
        def write(subject: Subject, values: list[str]) -> str:
            return f"{subject.sql} IN ({self._parameters.bind_all(ids())})"

        return write

    def _user_and_reports(self, subject: Subject, values: list[str]) -> str:
        """The caller, everybody who reports to the caller, and so on."""
        return (
            f"{subject.sql} IN (WITH RECURSIVE h(id) AS (SELECT {self._parameters.bind(self._caller.user_id)}"
            " UNION SELECT u.systemuserid FROM systemuser u JOIN h ON u.parentsystemuserid = h.id) SELECT "
            "id FROM h)"
        )

    def _hierarchy(self, *, down: bool, include: bool) -> Callable[[Subject, list[str]], str]:
        def write(subject: Subject, values: list[str]) -> str:
            start = self._parameters.bind(text_value(subject.column, _one(values, "under")))
            table, key = subject.table, quoted(subject.table.primary_id)
            link = quoted(_self_lookup(table).name)
            step = (
                f"SELECT t.{key} FROM {quoted(table.name)} t JOIN h ON t.{link} = h.id"
                if down
                else f"SELECT t.{link} FROM {quoted(table.name)} t JOIN h ON t.{key} = h.id"
                f" WHERE t.{link} IS NOT NULL"
            )
            tree = f"WITH RECURSIVE h(id) AS (SELECT {start} UNION {step}) SELECT id FROM h"
            exclude = "" if include else f" WHERE id <> {start}"
            return f"{subject.sql} IN ({tree}{exclude})"

        return write


def operator_of_function(name: str) -> str:
    """``LastXDays`` → ``last-x-days``: the functions of the Web API bear the operators' names."""
    special = {
        "EqualUserId": "eq-userid",
        "NotEqualUserId": "ne-userid",
        "NotUserId": "ne-userid",
        "EqualBusinessId": "eq-businessid",
        "NotEqualBusinessId": "ne-businessid",
        "NotBusinessId": "ne-businessid",
        "EqualUserLanguage": "eq-userlanguage",
        "EqualUserOrUserHierarchy": "eq-useroruserhierarchy",
        "EqualUserOrUserHierarchyAndTeams": "eq-useroruserhierarchyandteams",
        "EqualUserTeams": "eq-userteams",
        "EqualUserOrUserTeams": "eq-useroruserteams",
        "ContainValues": "contain-values",
        "DoesNotContainValues": "not-contain-values",
        "Last7Days": "last-seven-days",
        "Next7Days": "next-seven-days",
        "UnderOrEqual": "eq-or-under",
        "AboveOrEqual": "eq-or-above",
    }
    if name in special:
        return special[name]
    kebab = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=X)(?=[A-Z])", "-", name).lower()
    return kebab.replace("older-than-x", "olderthan-x")


def _self_lookup(table: Table) -> Column:
    for column in table.columns.values():
        if column.is_lookup and column.targets == [table.name] and column.can_update:
            return column
    raise bad_request(f"The table '{table.name}' has no hierarchical relationship.", "0x80040203")


def _one(values: list[str], operator: str) -> str:
    if len(values) != 1:
        raise bad_request(f"The condition operator '{operator}' needs exactly one value.", "0x80040203")
    return values[0]


def _whole(text: str, operator: str) -> int:
    if not text.isdecimal():
        raise bad_request(f"The value '{text}' of operator '{operator}' has to be a number.", "0x80040203")
    return int(text)


def _amount(values: list[str], operator: str) -> int:
    text = _one(values, operator)
    if not text.isdecimal() or int(text) == 0:
        raise bad_request(
            f"The value '{text}' of operator '{operator}' has to be a positive number.", "0x80040203"
        )
    return int(text)


def _day(text: str) -> datetime:
    stored, _ = moment(text.strip())
    return datetime.fromisoformat(stored).replace(hour=0, minute=0, second=0)
