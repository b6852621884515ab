"""``$select``, ``$filter`` and ``$expand`` over metadata, which lies in memory as plain JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from syncline_sandbox.dataverse.errors import bad_request, unknown_property
from syncline_sandbox.dataverse.query.expressions import (
    Comparison,
    Expression,
    FunctionCall,
    ListLiteral,
    Literal,
    Logical,
    Negation,
    Path,
    TextCall,
)
from syncline_sandbox.dataverse.query.options import Expand, Options

Json = dict[str, Any]
_ALWAYS = "MetadataId"


@dataclass(frozen=True)
class Entity:
    """One thing of metadata: its own members, and how to get at what its navigation properties lead to."""

    type_name: str
    members: Json
    # By name: one entity, several, or nothing.
    navigation: dict[str, Callable[[], Entity | list[Entity] | None]]
    # Members that may be selected, where that is not all of them.
    selectable: frozenset[str] | None = None


def render(entity: Entity, options: Options) -> Json:
    """The entity with what was selected and expanded; 400 for names that do not exist."""
    found = _selected(entity, options.select)
    for expand in options.expand:
        found[expand.name] = _expanded(entity, expand)
    return found


def _selected(entity: Entity, select: tuple[str, ...] | None) -> Json:
    members = entity.members
    if select is None:
        return dict(members)
    for name in select:
        known = name in members if entity.selectable is None else name in entity.selectable
        if not known and name not in entity.navigation:
            raise unknown_property(name, f"Microsoft.Dynamics.CRM.{entity.type_name}")
    found = {"@odata.type": members["@odata.type"]} if "@odata.type" in members else {}
    found |= {name: members[name] for name in select if name in members}
    if _ALWAYS in members:
        found.setdefault(_ALWAYS, members[_ALWAYS])
    return found


def _expanded(entity: Entity, expand: Expand) -> Any:
    follow = entity.navigation.get(expand.name)
    if follow is None:
        raise unknown_property(expand.name, f"Microsoft.Dynamics.CRM.{entity.type_name}")
    related = follow()
    if related is None:
        return None
    if isinstance(related, list):
        return collection(related, expand.options)
    return render(related, expand.options)


def collection(entities: list[Entity], options: Options) -> list[Json]:
    """What the filter lets through, rendered. ``$orderby`` and ``$top`` are not part of metadata queries."""
    kept = entities
    if options.filter is not None:
        condition = options.filter
        kept = [entity for entity in entities if _truth(condition, entity)]
    if options.top is not None:
        raise bad_request("The query parameter $top is not supported.")
    return [render(entity, options) for entity in kept]


def _truth(node: Expression, entity: Entity) -> bool:
    match node:
        case Logical(operator="and"):
            return all(_truth(part, entity) for part in node.operands)
        case Logical():
            return any(_truth(part, entity) for part in node.operands)
        case Negation():
            return not _truth(node.inner, entity)
        case Comparison():
            return _compare(node, entity)
        case TextCall():
            return _text_call(node, entity)
        case Path():
            return _value(node, entity) is True
        case FunctionCall(name="In"):
            name, values = node.argument("PropertyName"), node.argument("PropertyValues")
            if isinstance(name, Literal) and isinstance(values, ListLiteral):
                path = Path(tuple(str(name.value).split("/")))
                return _value(path, entity) in [item.value for item in values.items]
    raise bad_request("The $filter expression is not supported on metadata.")


def _compare(node: Comparison, entity: Entity) -> bool:
    left, right = _value(node.left, entity), _value(node.right, entity)
    match node.operator:
        case "eq":
            return bool(left == right)
        case "ne":
            return bool(left != right)
    if left is None or right is None or isinstance(left, str) != isinstance(right, str):
        return False
    return bool(
        {"gt": left > right, "ge": left >= right, "lt": left < right, "le": left <= right}[node.operator]
    )


def _text_call(node: TextCall, entity: Entity) -> bool:
    text, part = (_value(argument, entity) for argument in node.arguments)
    if not isinstance(text, str) or not isinstance(part, str):
        return False
    text, part = text.lower(), part.lower()
    return {"contains": part in text, "startswith": text.startswith(part), "endswith": text.endswith(part)}[
        node.name
    ]


def _value(node: Expression, entity: Entity) -> Any:
    if isinstance(node, Literal):
        return node.value
    if not isinstance(node, Path):
        raise bad_request("The $filter expression is not supported on metadata.")
    found: Any = entity.members
    for index, segment in enumerate(node.segments):
        if not isinstance(found, dict):
            return None
        if segment not in found and index == 0:
            raise unknown_property(segment, f"Microsoft.Dynamics.CRM.{entity.type_name}")
        found = found.get(segment)
    return found
