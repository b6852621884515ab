"""``$filter`` as SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

from syncline_sandbox.dataverse.errors import bad_request, unknown_property
from syncline_sandbox.dataverse.query.conditions import (
    Caller,
    Conditions,
    Parameters,
    Subject,
    equals,
    like,
    negated,
    operator_of_function,
)
from syncline_sandbox.dataverse.query.expressions import (
    Comparison,
    Expression,
    FunctionCall,
    ListLiteral,
    Literal,
    Logical,
    Negation,
    Path,
    Quantifier,
    TextCall,
)
from syncline_sandbox.dataverse.query.values import edm_type, incompatible, literal_for, moment
from syncline_sandbox.dataverse.schema.catalogue import Catalogue, CollectionNavigation
from syncline_sandbox.dataverse.schema.model import Column, Table
from syncline_sandbox.dataverse.storage.database import quoted

_CHAIN = 50
_SIGNS = {"eq": "=", "ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_FLIPPED = {"eq": "eq", "ne": "ne", "gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}
_ANY_TEXT = {"contains": "%{}%", "startswith": "{}%", "endswith": "%{}"}


@dataclass(frozen=True)
class Scope:
    """A table under an alias, and the lambda variables that may be used there."""

    table: Table
    alias: str
    variables: Mapping[str, Scope]


class FilterWriter:
    """Writes SQL for expressions about one table; one writer a query, for parameters and aliases are
    numbered.
    """

    def __init__(self, catalogue: Catalogue, caller: Caller, parameters: Parameters) -> None:
        self._catalogue = catalogue
        self._parameters = parameters
        self._conditions = Conditions(caller, parameters)
        self._numbers = count(1)

    def write(self, expression: Expression, table: Table, alias: str = "t") -> str:
        return self._condition(expression, Scope(table, alias, {}))

    def path(self, path: Path, table: Table, alias: str = "t") -> Subject:
        """A column reached from the table, as SQL; 400 when there is no such property."""
        return self._subject(path.segments, Scope(table, alias, {}))

    def _condition(self, node: Expression, scope: Scope) -> str:
        match node:
            case Logical():
                return joined(node.operator, [self._condition(part, scope) for part in node.operands])
            case Negation():
                return negated(self._condition(node.inner, scope))
            case Comparison():
                return self._comparison(node, scope)
            case TextCall():
                return self._text_call(node, scope)
            case FunctionCall():
                return self._function(node, scope)
            case Quantifier():
                return self._quantifier(node, scope)
            case Path():
                subject = self._subject(node.segments, scope)
                if subject.column.type == "Boolean":
                    return f"{subject.sql} = 1"
            case Literal(kind="boolean"):
                return "1" if node.value else "0"
        raise bad_request("The $filter expression must evaluate to a single boolean value.")

    # Comparisons

    def _comparison(self, node: Comparison, scope: Scope) -> str:
        left, right, operator = node.left, node.right, node.operator
        if not isinstance(left, Path) and isinstance(right, Path):
            left, right, operator = right, left, _FLIPPED[operator]
        if isinstance(left, TextCall | FunctionCall | Quantifier) and isinstance(right, Literal):
            return self._truth(left, operator, right, scope)
        if not isinstance(left, Path):
            raise bad_request("A comparison needs a property on one side.")
        subject = self._subject(left.segments, scope)
        if isinstance(right, Path):
            return self._between_columns(subject, operator, self._subject(right.segments, scope))
        if isinstance(right, Literal):
            return self._with_literal(subject, operator, right)
        raise bad_request("A comparison needs a property and a value.")

    def _truth(self, call: Expression, operator: str, literal: Literal, scope: Scope) -> str:
        """``contains(a,'b') eq true``."""
        if literal.kind != "boolean" or operator not in ("eq", "ne"):
            raise incompatible("Edm.Boolean", literal, operator)
        inner = self._condition(call, scope)
        return inner if bool(literal.value) == (operator == "eq") else negated(inner)

    def _between_columns(self, left: Subject, operator: str, right: Subject) -> str:
        kinds = edm_type(left.column), edm_type(right.column)
        if kinds[0] != kinds[1] and not all(kind.startswith(("Edm.Int", "Edm.D")) for kind in kinds):
            raise bad_request(
                "A binary operator with incompatible types was detected. Found operand types "
                f"'{kinds[0]}' and '{kinds[1]}' for operator kind '{operator}'."
            )
        sql = f"{left.sql} {_SIGNS[operator]} {right.sql}"
        return f"{left.sql} IS NOT {right.sql}" if operator == "ne" else sql

    def _with_literal(self, subject: Subject, operator: str, literal: Literal) -> str:
        value = literal_for(subject.column, literal, operator)
        if value is None:
            if operator in ("eq", "ne"):
                return f"{subject.sql} IS {'NOT ' if operator == 'ne' else ''}NULL"
            return "0"
        if operator == "eq":
            return self._equal(subject, literal, value)
        if operator == "ne":
            return negated(self._equal(subject, literal, value))
        if literal.kind == "datetime" and not subject.column.is_date_only:
            operator = _on_whole_seconds(str(literal.value), operator)
        return f"{subject.sql} {_SIGNS[operator]} {self._parameters.bind(value)}"

    def _equal(self, subject: Subject, literal: Literal, value: object) -> str:
        if literal.kind == "datetime" and moment(str(literal.value))[1]:
            return "0"
        return equals(subject.sql, subject.column, value, self._parameters)

    # Calls

    def _text_call(self, node: TextCall, scope: Scope) -> str:
        subject_node, value = node.arguments
        if not isinstance(subject_node, Path) or not isinstance(value, Literal) or value.kind != "string":
            raise bad_request(
                f"No function signature for the function with name '{node.name}' matches the specified "
                f"arguments. The function signatures considered are: {node.name}(Edm.String Nullable=true, "
                "Edm.String Nullable=true)."
            )
        subject = self._subject(subject_node.segments, scope)
        if edm_type(subject.column) != "Edm.String":
            raise incompatible(edm_type(subject.column), value, node.name)
        return like(subject.sql, _ANY_TEXT[node.name].format(value.value), self._parameters)

    def _function(self, node: FunctionCall, scope: Scope) -> str:
        name = node.argument("PropertyName")
        if not isinstance(name, Literal):
            raise bad_request(f"The function '{node.name}' needs the parameter 'PropertyName'.")
        segments = (*node.scope, *str(name.value).split("/"))
        subject = self._subject(segments, scope, lookups_by_name=True)
        values: list[str] = []
        for given in (node.argument(f"PropertyValue{suffix}") for suffix in ("", "1", "2", "s")):
            if isinstance(given, ListLiteral):
                values += [_text(item) for item in given.items]
            elif isinstance(given, Literal) and given.value is not None:
                values.append(_text(given))
        return self._conditions.write(operator_of_function(node.name), subject, values)

    def _quantifier(self, node: Quantifier, scope: Scope) -> str:
        scope_at, rest = self._enter(node.path[:-1], scope)
        navigation = self._catalogue.collection(scope_at.table, node.path[-1])
        if navigation is None or rest:
            raise unknown_property(node.path[-1], scope_at.table.type_name)
        child = self._catalogue.tables[navigation.table]
        alias = f"c{next(self._numbers)}"
        here = f"{scope_at.alias}.{quoted(scope_at.table.primary_id)}"
        source, joined = self.collection_source(navigation, scope_at.table, here, alias)
        inner = "1"
        if node.condition is not None and node.variable is not None:
            child_scope = Scope(child, alias, {**scope.variables, node.variable: Scope(child, alias, {})})
            inner = self._condition(node.condition, child_scope)
        if node.kind == "all":
            return f"NOT EXISTS (SELECT 1 FROM {source} WHERE {joined} AND {negated(inner)})"
        return f"EXISTS (SELECT 1 FROM {source} WHERE {joined} AND {inner})"

    def collection_source(
        self, navigation: CollectionNavigation, table: Table, here: str, child_alias: str
    ) -> tuple[str, str]:
        """FROM and WHERE that reach the rows of a collection from the row whose id is the SQL ``here``."""
        child = self._catalogue.tables[navigation.table]
        source = f"{quoted(child.name)} {child_alias}"
        if navigation.column is not None:
            column = navigation.column
            joined = f"{child_alias}.{quoted(column.name)} = {here}"
            if column.keeps_target:
                joined += (
                    f" AND {child_alias}.{quoted(column.target_column)} = {self._parameters.bind(table.name)}"
                )
            return source, joined
        assert navigation.intersect is not None
        middle = f"m{next(self._numbers)}"
        source += (
            f" JOIN {quoted(navigation.intersect)} {middle}"
            f" ON {middle}.{quoted(navigation.far)} = {child_alias}.{quoted(child.primary_id)}"
        )
        return source, f"{middle}.{quoted(navigation.near)} = {here}"

    # Paths

    def _subject(self, segments: tuple[str, ...], scope: Scope, *, lookups_by_name: bool = False) -> Subject:
        if segments and segments[0] in scope.variables:
            scope, segments = scope.variables[segments[0]], segments[1:]
        name = segments[-1] if segments else ""
        column = self._property(scope, segments[:-1], name, lookups_by_name)
        if len(segments) == 1:
            return Subject(f"{scope.alias}.{quoted(column.name)}", column, scope.table)
        return self._through_lookup(segments, scope, lookups_by_name)

    def _property(self, scope: Scope, before: tuple[str, ...], name: str, lookups_by_name: bool) -> Column:
        table = scope.table
        for segment in before:
            navigation = self._catalogue.single(table, segment)
            if navigation is None:
                raise unknown_property(segment, table.type_name)
            table = self._catalogue.tables[navigation.targets[0]]
        return find_property(table, name, lookups_by_name=lookups_by_name)

    def _through_lookup(self, segments: tuple[str, ...], scope: Scope, lookups_by_name: bool) -> Subject:
        """``a/b`` as a scalar subselect, so that a path needs no join."""
        navigation = self._catalogue.single(scope.table, segments[0])
        assert navigation is not None
        target = self._catalogue.tables[navigation.targets[0]]
        alias = f"n{next(self._numbers)}"
        inner = self._subject(segments[1:], Scope(target, alias, {}), lookups_by_name=lookups_by_name)
        here = f"{scope.alias}.{quoted(navigation.column.name)}"
        sql = (
            f"(SELECT {inner.sql} FROM {quoted(target.name)} {alias}"
            f" WHERE {alias}.{quoted(target.primary_id)} = {here})"
        )
        if inner.column.is_text:
            # A subselect does not pass on how its column compares.
            sql += " COLLATE NOCASE"
        return Subject(sql, inner.column, inner.table)

    def _enter(self, segments: tuple[str, ...], scope: Scope) -> tuple[Scope, tuple[str, ...]]:
        if segments and segments[0] in scope.variables:
            return self._enter(segments[1:], scope.variables[segments[0]])
        return scope, segments


def joined(operator: str, parts: list[str]) -> str:
    """``(a AND b AND …)``; long chains are nested in halves, for SQLite's expressions must not be deep."""
    if len(parts) > _CHAIN:
        half = len(parts) // 2
        parts = [joined(operator, parts[:half]), joined(operator, parts[half:])]
    return f"({f' {operator.upper()} '.join(parts)})"


def find_property(table: Table, name: str, *, lookups_by_name: bool = False) -> Column:
    """The column behind a property; 400 with Dataverse's words when there is none."""
    column = table.column_of_property(name)
    if column is None and lookups_by_name:
        column = table.columns.get(name)
    if column is None:
        raise unknown_property(name, table.type_name)
    return column


def _on_whole_seconds(text: str, operator: str) -> str:
    """The store has whole seconds: without its fraction the constant lies before what was meant."""
    if not moment(text)[1]:
        return operator
    return {"ge": "gt", "lt": "le"}.get(operator, operator)


def _text(literal: Literal) -> str:
    if literal.kind == "boolean":
        return "true" if literal.value else "false"
    return str(literal.value)
