"""Actions of the platform that are not about lists or leads."""

from __future__ import annotations

from typing import Any

from syncline_sandbox.dataverse.errors import bad_request
from syncline_sandbox.dataverse.http import Reply, Request, json_reply, no_content
from syncline_sandbox.dataverse.operations import rows
from syncline_sandbox.dataverse.organisation import Organisation
from syncline_sandbox.dataverse.query.conditions import Conditions, Parameters, Subject
from syncline_sandbox.dataverse.schema.model import Table
from syncline_sandbox.dataverse.storage.database import quoted

_OPERATORS = {
    "Equal": "eq",
    "NotEqual": "ne",
    "GreaterThan": "gt",
    "GreaterEqual": "ge",
    "LessThan": "lt",
    "LessEqual": "le",
    "Like": "like",
    "NotLike": "not-like",
    "In": "in",
    "NotIn": "not-in",
    "Between": "between",
    "Null": "null",
    "NotNull": "not-null",
    "BeginsWith": "begins-with",
    "EndsWith": "ends-with",
}
_SUCCEEDED = {"statecode": 3, "statuscode": 30}


def publish(organisation: Organisation, request: Request) -> Reply:
    """Changes of metadata are in force at once here; publishing only has to be accepted."""
    return no_content()


def bulk_delete(organisation: Organisation, request: Request) -> Reply:
    """``BulkDelete``: carried out at once; its job is finished when it is first asked for."""
    body = request.json()
    writer = rows.writer_for(organisation, request)
    count = 0
    queries = body.get("QuerySet")
    if not isinstance(queries, list) or not all(isinstance(query, dict) for query in queries):
        raise bad_request("The parameter 'QuerySet' has to be an array of queries.", "0x80040203")
    for query in queries:
        table = organisation.catalogue.table(str(query.get("EntityName", "")))
        for row_id in _found(organisation, request, table, query.get("Criteria") or {}):
            writer.delete(table, row_id)
            count += 1
    request.rows = count
    jobs = organisation.catalogue.tables["asyncoperation"]
    job_id = writer.create(jobs, {"name": str(body.get("JobName", "Bulk delete"))})
    now = organisation.stamp()
    writer.write(
        jobs,
        job_id,
        {
            **_SUCCEEDED,
            "operationtype": 13,
            "startedon": now,
            "completedon": now,
            "message": f"{count} deleted",
        },
    )
    context = f"{request.base_url}/$metadata#Microsoft.Dynamics.CRM.BulkDeleteResponse"
    return json_reply({"@odata.context": context, "JobId": job_id})


def _found(organisation: Organisation, request: Request, table: Table, criteria: dict[str, Any]) -> list[str]:
    parameters = Parameters()
    conditions = Conditions(organisation.caller(request.user_id), parameters)
    where = _criteria(conditions, table, criteria)
    sql = f"SELECT t.{quoted(table.primary_id)} FROM {quoted(table.name)} t WHERE {where}"
    return [row[0] for row in organisation.database.connection.execute(sql, parameters.values).fetchall()]


def _criteria(conditions: Conditions, table: Table, criteria: dict[str, Any]) -> str:
    """A FilterExpression of the SDK's QueryExpression."""
    parts = []
    for condition in criteria.get("Conditions", []):
        name = str(condition.get("AttributeName", ""))
        column = table.columns.get(name)
        operator = _OPERATORS.get(str(condition.get("Operator", "")))
        if column is None or operator is None:
            raise bad_request(f"The condition on '{name}' is not valid.", "0x80041103")
        values = [_value(value) for value in condition.get("Values", [])]
        parts.append(conditions.write(operator, Subject(f"t.{quoted(name)}", column, table), values))
    parts += [_criteria(conditions, table, inner) for inner in criteria.get("Filters", [])]
    joined = " OR " if criteria.get("FilterOperator") == "Or" else " AND "
    return f"({joined.join(parts)})" if parts else "1"


def _value(value: Any) -> str:
    """Values come bare or as ``{"Value": …, "Type": …}``."""
    bare = value.get("Value") if isinstance(value, dict) else value
    return str(bare).lower() if isinstance(bare, bool) else str(bare)
