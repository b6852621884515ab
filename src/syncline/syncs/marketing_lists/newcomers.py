"""The row that somebody whom Dynamics does not know is to become: a contact or a lead. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from syncline.mapping.conversion import ConversionError
from syncline.people.facts import PersonFacts
from syncline.syncs.marketing_lists.decisions import CrmCreate
from syncline.syncs.marketing_lists.rules import ListRule, NeededColumn, Rules

TABLES: Final = ("contact", "lead")
"""An account is a company: nobody becomes one by their address."""

ALWAYS: Final = {"contact": ("lastname",), "lead": ("lastname", "subject")}
"""Columns that have words of ours where nobody has given a value, for without them nobody finds the row."""


class Refusal(Exception):
    """The person cannot become a row as things stand; `reason` is a code of `syncs/reasons.py`."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


def newcomer(person: PersonFacts, rule: ListRule, rules: Rules) -> CrmCreate:
    """The new row for a list: address, mapped values, and what Dynamics requires. Raises Refusal."""
    columns, labels = _mapped(person, rule.entity, rules)
    record_id = rules.new_rows.new_id(rule.entity, person.key)
    needed = rules.new_rows.needed.get(rule.entity, ())
    return new_row(person.key, rule.entity, record_id, columns, needed, list_id=rule.list_id, labels=labels)


def new_row(
    address: str,
    entity: str,
    record_id: str,
    columns: Mapping[str, Any],
    needed: Sequence[NeededColumn],
    *,
    list_id: int = 0,
    labels: dict[str, Any] | None = None,
) -> CrmCreate:
    """The row with the address, and words of ours in needed columns that nobody gave a value. Raises
    Refusal.
    """
    filled = {**columns, "emailaddress1": address}
    missing = []
    for one in needed:
        if filled.get(one.column) is not None:
            continue
        words = _own_words(one, address)
        if words:
            filled[one.column] = words
        else:
            missing.append(one.title)
    if missing:
        raise Refusal("required_column", f"Dynamics requires {', '.join(missing)}.")
    return CrmCreate(
        list_id=list_id,
        entity=entity,
        record_id=record_id,
        name=_name(filled),
        columns={column: [None, value] for column, value in sorted(filled.items())},
        labels=labels or {},
    )


def _mapped(person: PersonFacts, entity: str, rules: Rules) -> tuple[dict[str, Any], dict[str, Any]]:
    """Column → value and label → value, for each label that has one and may be written to Dynamics."""
    columns: dict[str, Any] = {}
    labels: dict[str, Any] = {}
    problems = []
    for rule in rules.fields.get(entity, ()):
        value = person.remote.get(rule.label)
        if rule.convert_in is None or value is None:
            continue
        try:
            converted = rule.convert_in(value)
        except ConversionError as error:
            problems.append(str(error))
            continue
        if rule.is_consent and not converted:
            continue  # A new row says No by itself, or begins with a Yes that is not ours to take back.
        columns[rule.write_column] = converted
        labels[rule.label] = value
    if problems:
        raise Refusal("conversion", "; ".join(problems))
    return columns, labels


def _own_words(needed: NeededColumn, address: str) -> str:
    match needed.column:
        case "lastname":
            words = address.partition("@")[0]
        case "subject":
            words = f"E-mail contact: {address}"
        case _:
            words = ""
    return words[: needed.max_length] if needed.max_length else words


def _name(columns: dict[str, Any]) -> str:
    """As Dynamics will show the row; its own full name comes with the next reading."""
    names = [columns.get("firstname"), columns.get("lastname")]
    return " ".join(str(name) for name in names if name)[:200]
