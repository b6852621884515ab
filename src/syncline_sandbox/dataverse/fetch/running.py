"""Running FetchXML: for ``?fetchXml=``, and for the members of a dynamic list."""

from __future__ import annotations

from typing import Any

from syncline_sandbox.dataverse.errors import DataverseError, bad_request
from syncline_sandbox.dataverse.fetch.compiling import CompiledFetch, FetchCompiler
from syncline_sandbox.dataverse.fetch.parsing import Fetch, parse_fetch
from syncline_sandbox.dataverse.http import Preferences, Reply, Request, json_reply
from syncline_sandbox.dataverse.operations.context import preference_applied
from syncline_sandbox.dataverse.organisation import Organisation
from syncline_sandbox.dataverse.query import paging
from syncline_sandbox.dataverse.query.conditions import Parameters
from syncline_sandbox.dataverse.schema.model import Table
from syncline_sandbox.dataverse.storage.database import quoted

SIMPLE_PAGING_LIMIT = 50_000
AGGREGATE_LIMIT = 50_000
_PREFIX = "Microsoft.Dynamics.CRM."


def read(organisation: Organisation, request: Request, table: Table, text: str) -> Reply:
    """``GET /contacts?fetchXml=…``: one page. Members without a value are left out."""
    fetch = parse_fetch(text)
    if fetch.entity.name != table.name:
        raise bad_request(
            f"The entity name '{fetch.entity.name}' of the FetchXML does not match the entity set "
            f"'{table.set_name}'.",
            "0x80041102",
        )
    parameters = Parameters()
    caller = organisation.caller(request.user_id)
    compiled = FetchCompiler(organisation.catalogue, caller, parameters, request.prefer).compile(fetch)
    total = _total(organisation, compiled, parameters) if fetch.total else None
    size = min(fetch.count or fetch.top or request.prefer.max_page_size or paging.MAX_PAGE, paging.MAX_PAGE)
    found = _page(organisation, fetch, compiled, parameters, size)
    more, found = len(found) > size and fetch.top is None, found[:size]
    rows = [
        {name: value for name, value in row.items() if value is not None}
        for row in compiled.shape.rows(found)
    ]
    body: dict[str, Any] = {"@odata.context": _context(request, table, compiled)}
    _annotate(body, request.prefer, fetch, compiled, found, more=more, total=total)
    body["value"] = rows
    request.rows = len(rows)
    return json_reply(body, preference_applied(request))


def _context(request: Request, table: Table, compiled: CompiledFetch) -> str:
    names = [name for name in compiled.shape.names if "@" not in name]
    return f"{request.base_url}/$metadata#{table.set_name}({','.join(names)})"


def _page(
    organisation: Organisation,
    fetch: Fetch,
    compiled: CompiledFetch,
    parameters: Parameters,
    size: int,
) -> list[tuple[Any, ...]]:
    where = list(compiled.where)
    offset = (fetch.page - 1) * size
    if fetch.cookie is not None and fetch.page > 1 and compiled.one_row_each and compiled.order:
        cookie = paging.read_inner(fetch.page, fetch.cookie, compiled.order)
        where.append(paging.after(compiled.order, cookie.last, parameters))
        offset = 0
    elif fetch.cookie is None and offset + size > SIMPLE_PAGING_LIMIT:
        raise DataverseError(
            400,
            "0x80041129",
            "Paging cookie is required when trying to retrieve a set of records on any high pages.",
        )
    columns = ", ".join([compiled.shape.select_list or "NULL", *(order.sql for order in compiled.order)])
    sql = f"SELECT {'DISTINCT ' if fetch.distinct else ''}{columns} FROM {compiled.source}"
    if where:
        sql += f" WHERE {' AND '.join(where)}"
    if compiled.group_by:
        sql += f" GROUP BY {', '.join(compiled.group_by)}"
    if compiled.order:
        sql += f" ORDER BY {paging.order_by(compiled.order)}"
    sql += f" LIMIT {size + 1} OFFSET {offset}"
    found: list[tuple[Any, ...]] = organisation.database.connection.execute(sql, parameters.values).fetchall()
    return found


def _annotate(
    body: dict[str, Any],
    prefer: Preferences,
    fetch: Fetch,
    compiled: CompiledFetch,
    found: list[tuple[Any, ...]],
    *,
    more: bool,
    total: int | None,
) -> None:
    if prefer.wants(_PREFIX + "totalrecordcount"):
        body[f"@{_PREFIX}totalrecordcount"] = -1 if total is None else total
    if prefer.wants(_PREFIX + "totalrecordcountlimitexceeded"):
        body[f"@{_PREFIX}totalrecordcountlimitexceeded"] = total is not None and total >= paging.MAX_PAGE
    if not more:
        return
    width = len(compiled.shape.members)
    inner = paging.paging_xml(fetch.page, compiled.order, found[0][width:], found[-1][width:])
    # These two come unasked: clients that page do not all ask for annotations (assumed, from how they
    # read them).
    body[f"@{_PREFIX}fetchxmlpagingcookie"] = paging.skip_token(fetch.page + 1, inner)
    body[f"@{_PREFIX}morerecords"] = True


def _total(organisation: Organisation, compiled: CompiledFetch, parameters: Parameters) -> int:
    condition = f" WHERE {' AND '.join(compiled.where)}" if compiled.where else ""
    sql = f"SELECT count(*) FROM (SELECT 1 FROM {compiled.source}{condition} LIMIT {paging.MAX_PAGE})"
    return int(organisation.database.connection.execute(sql, parameters.values).fetchone()[0])


def member_ids(organisation: Organisation, user_id: str, text: str, table: Table) -> list[str]:
    """The ids of all rows of the root table that the query finds: the members of a dynamic list."""
    fetch = parse_fetch(text)
    if fetch.entity.name != table.name:
        raise bad_request("The query of the list is about another table than its members.", "0x80040301")
    parameters = Parameters()
    caller = organisation.caller(user_id)
    compiled = FetchCompiler(organisation.catalogue, caller, parameters, Preferences()).compile(fetch)
    condition = f" WHERE {' AND '.join(compiled.where)}" if compiled.where else ""
    sql = f"SELECT DISTINCT t.{quoted(table.primary_id)} FROM {compiled.source}{condition}"
    if fetch.top is not None:
        sql += f" LIMIT {fetch.top}"
    return [found for (found,) in organisation.database.connection.execute(sql, parameters.values)]
