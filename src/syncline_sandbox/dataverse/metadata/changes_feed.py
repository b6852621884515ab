"""``RetrieveMetadataChanges``: metadata by a query expression, for clients that keep a copy of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from syncline_sandbox.dataverse.errors import bad_request
from syncline_sandbox.dataverse.http import Reply, Request, json_reply
from syncline_sandbox.dataverse.metadata import attributes, definitions
from syncline_sandbox.dataverse.organisation import Organisation
from syncline_sandbox.dataverse.schema.model import Column, Table

Json = dict[str, Any]
_ALWAYS = ("@odata.type", "MetadataId", "HasChanged")


def read(organisation: Organisation, request: Request) -> Reply:
    """The query comes as JSON in a parameter alias; everything counts as changed."""
    query = _query(request)
    criteria, properties = query.get("Criteria"), query.get("Properties")
    wanted = _names(properties)
    found = []
    for table in organisation.catalogue.tables.values():
        members = definitions.table_json(organisation, table)
        if not _fulfils(criteria, members):
            continue
        rendered = _chosen(members, wanted)
        if wanted is None or "Attributes" in wanted:
            rendered["Attributes"] = _attributes(organisation, table, query.get("AttributeQuery") or {})
        if wanted is None or "Keys" in wanted:
            rendered["Keys"] = [definitions.key_json(organisation, table, key) for key in table.keys.values()]
        found.append(rendered)
    context = f"{request.base_url}/$metadata#Microsoft.Dynamics.CRM.RetrieveMetadataChangesResponse"
    return json_reply(
        {
            "@odata.context": context,
            "ServerVersionStamp": f"{organisation.database.version}!{organisation.stamp()}",
            "EntityMetadata": found,
            "DeletedMetadata": {"Count": 0, "IsReadOnly": False, "Keys": [], "Values": []},
        }
    )


def _query(request: Request) -> Json:
    for text in request.aliases.values():
        try:
            value = msgspec.json.decode(text)
        except msgspec.DecodeError:
            continue
        if isinstance(value, dict):
            return value
    raise bad_request("The parameter 'Query' has to be an EntityQueryExpression.", "0x80040203")


def _attributes(organisation: Organisation, table: Table, query: Json) -> list[Json]:
    wanted = _names(query.get("Properties"))
    found = []
    for column in table.columns.values():
        members = attributes.column_json(organisation, table, column)
        if _fulfils(query.get("Criteria"), members):
            rendered = _chosen(members, wanted)
            if wanted is None or "OptionSet" in wanted:
                rendered |= _options(organisation, table, column)
            found.append(rendered)
    return found


def _options(organisation: Organisation, table: Table, column: Column) -> Json:
    if not attributes.has_options(column):
        return {}
    return {"OptionSet": attributes.option_sets_of(organisation, table, column)[0]}


def _names(properties: Any) -> set[str] | None:
    """None stands for all."""
    if not isinstance(properties, dict) or properties.get("AllProperties"):
        return None
    return set(properties.get("PropertyNames") or [])


def _chosen(members: Json, wanted: set[str] | None) -> Json:
    if wanted is None:
        return dict(members)
    return {name: value for name, value in members.items() if name in wanted or name in _ALWAYS}


def _fulfils(criteria: Any, members: Json) -> bool:
    """A MetadataFilterExpression."""
    if not isinstance(criteria, dict):
        return True
    results = [_condition(condition, members) for condition in criteria.get("Conditions") or []]
    results += [_fulfils(inner, members) for inner in criteria.get("Filters") or []]
    return any(results) if criteria.get("FilterOperator") == "Or" and results else all(results)


def _condition(condition: Json, members: Json) -> bool:
    value = condition.get("Value")
    wanted = value.get("Value") if isinstance(value, dict) else value
    operator = _OPERATORS.get(str(condition.get("ConditionOperator")))
    if operator is None:
        raise bad_request(f"The operator '{condition.get('ConditionOperator')}' is not known.", "0x80040203")
    return operator(members.get(str(condition.get("PropertyName"))), wanted)


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda value, wanted: bool(value == wanted),
    "NotEquals": lambda value, wanted: bool(value != wanted),
    "In": lambda value, wanted: value in (wanted or []),
    "NotIn": lambda value, wanted: value not in (wanted or []),
    "GreaterThan": lambda value, wanted: value is not None and bool(value > wanted),
    "LessThan": lambda value, wanted: value is not None and bool(value < wanted),
}
