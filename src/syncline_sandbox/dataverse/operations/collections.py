"""GET on sets and collections: pages, counts, ``fetchXml``."""

from __future__ import annotations

from typing import Any

from syncline_sandbox.dataverse import errors
from syncline_sandbox.dataverse.fetch import running
from syncline_sandbox.dataverse.http import Reply, Request, json_reply
from syncline_sandbox.dataverse.operations import tracking
from syncline_sandbox.dataverse.operations.context import collection_context, preference_applied
from syncline_sandbox.dataverse.organisation import Organisation
from syncline_sandbox.dataverse.query import aggregating, paging, sql
from syncline_sandbox.dataverse.query.expanding import Expander
from syncline_sandbox.dataverse.query.options import Options, read_options
from syncline_sandbox.dataverse.query.reading import COUNT_LIMIT, Page, Source, link, whole_table
from syncline_sandbox.dataverse.schema.model import Table
from syncline_sandbox.dataverse.security import Guard

BOM = b"\xef\xbb\xbf"


def read_set(organisation: Organisation, request: Request, table: Table) -> Reply:
    """``GET /contacts?…`` in all its forms."""
    Guard(organisation, request.user_id).require(table, "Read")
    if not table.supports("RetrieveMultiple"):
        raise errors.unsupported_message("RetrieveMultiple", table.name)
    fetch_xml = request.query.get("fetchXml")
    if fetch_xml is not None:
        return running.read(organisation, request, table, fetch_xml)
    statement = request.query.get("sql")
    if statement is not None:
        return _select(organisation, request, table, statement)
    options = read_options(request.query, request.aliases)
    if options.delta_token is not None or request.prefer.track_changes or tracking.is_tracking(options):
        return tracking.read(organisation, request, table, options)
    if options.apply is not None:
        return _aggregate(organisation, request, table, options)
    return read_source(organisation, request, whole_table(table), options, table.set_name)


def _select(organisation: Organisation, request: Request, table: Table, statement: str) -> Reply:
    """``?sql=``, page by page."""
    size = min(request.prefer.max_page_size or paging.MAX_PAGE, paging.MAX_PAGE)
    number = 1
    token = request.query.get("$skiptoken")
    if token is not None:
        number, _ = paging.read_skip_token(token)
    rows, more = sql.run(organisation.database, organisation.catalogue, statement, size, (number - 1) * size)
    body: dict[str, Any] = {"@odata.context": f"{request.base_url}/$metadata#{table.set_name}", "value": rows}
    if more:
        inner = f'<cookie page="{number}"><row last="{number * size}" /></cookie>'
        texts = {"sql": statement, "$skiptoken": paging.skip_token(number + 1, inner)}
        body["@odata.nextLink"] = link(request.base_url, table.set_name, texts)
    request.rows = len(rows)
    return json_reply(body)


def read_source(
    organisation: Organisation, request: Request, source: Source, options: Options, path: str
) -> Reply:
    """One page of whatever the source restricts the table to."""
    page = read_page(organisation, request, source, options)
    body: dict[str, Any] = {"@odata.context": collection_context(request.base_url, source.table, options)}
    _add_counts(body, request, options, page)
    body["value"] = page.rows
    if page.cookie is not None:
        body["@odata.nextLink"] = next_link(request, options, path, page)
    request.rows = len(page.rows)
    return json_reply(body, preference_applied(request))


def read_page(organisation: Organisation, request: Request, source: Source, options: Options) -> Page:
    """The page with its expansions."""
    reader = organisation.reader(request.user_id)
    expander = Expander(reader, request.prefer, request.base_url)
    hidden = expander.hidden_members(source.table, options)
    page = reader.page(source, options, request.prefer, hidden)
    expander.expand(source.table, page.rows, options)
    return page


def next_link(request: Request, options: Options, path: str, page: Page, *, tracking: bool = False) -> str:
    assert page.cookie is not None
    texts = dict(options.texts)
    texts["$skiptoken"] = paging.skip_token(page.number + 1, page.cookie, tracking=tracking)
    return link(request.base_url, path, texts)


def _add_counts(body: dict[str, Any], request: Request, options: Options, page: Page) -> None:
    if page.count is not None:
        body["@odata.count"] = page.count
    prefer = request.prefer
    if prefer.wants("Microsoft.Dynamics.CRM.totalrecordcount"):
        body["@Microsoft.Dynamics.CRM.totalrecordcount"] = -1 if page.count is None else page.count
    if prefer.wants("Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"):
        exceeded = page.count is not None and page.count >= COUNT_LIMIT
        body["@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"] = exceeded
    if prefer.wants("Microsoft.Dynamics.CRM.globalmetadataversion"):
        body["@Microsoft.Dynamics.CRM.globalmetadataversion"] = "7654321"


def count_set(organisation: Organisation, request: Request, table: Table) -> Reply:
    """``GET /contacts/$count``: text with a byte order mark, capped as the service caps it."""
    Guard(organisation, request.user_id).require(table, "Read")
    options = read_options(request.query, request.aliases)
    if options.delta_token is not None:
        return count_reply(tracking.count(organisation, request, table, options))
    return count_source(organisation, request, whole_table(table), options)


def count_source(organisation: Organisation, request: Request, source: Source, options: Options) -> Reply:
    return count_reply(organisation.reader(request.user_id).count(source, options))


def count_reply(number: int) -> Reply:
    return Reply(200, BOM + str(number).encode(), {}, "text/plain")


def _aggregate(organisation: Organisation, request: Request, table: Table, options: Options) -> Reply:
    rows = aggregating.run(organisation.reader(request.user_id), table, options, request.aliases)
    request.rows = len(rows)
    context = f"{request.base_url}/$metadata#{table.set_name}"
    return json_reply({"@odata.context": context, "value": rows})
