"""GET with change tracking: ``Prefer: odata.track-changes`` and ``$deltatoken``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import defusedxml.ElementTree as ElementTree

from syncline_sandbox.dataverse import delta, errors
from syncline_sandbox.dataverse.http import Reply, Request, json_reply
from syncline_sandbox.dataverse.operations.context import collection_context, preference_applied
from syncline_sandbox.dataverse.organisation import Organisation
from syncline_sandbox.dataverse.query import paging
from syncline_sandbox.dataverse.query.conditions import Parameters
from syncline_sandbox.dataverse.query.options import Options
from syncline_sandbox.dataverse.query.reading import Source, link, whole_table
from syncline_sandbox.dataverse.schema.model import Table
from syncline_sandbox.dataverse.security import Guard
from syncline_sandbox.dataverse.storage.database import quoted

_TRACKING = 'istracking="True"'


def is_tracking(options: Options) -> bool:
    """Whether the request goes on with a tracked read, whatever its headers say."""
    return options.skip_token is not None and _TRACKING in options.skip_token


def read(organisation: Organisation, request: Request, table: Table, options: Options) -> Reply:
    """The first full read, or the changes since a token."""
    _check(organisation, request, table, options)
    if options.delta_token is not None:
        return _read_changes(organisation, request, table, options)
    return _read_all(organisation, request, table, options)


def count(organisation: Organisation, request: Request, table: Table, options: Options) -> int:
    _check(organisation, request, table, options)
    assert options.delta_token is not None
    return delta.count_changes(organisation, table, delta.read_token(organisation, options.delta_token))


def _check(organisation: Organisation, request: Request, table: Table, options: Options) -> None:
    delta.refuse_options(dict(options.texts))
    delta.require_tracking(table)
    Guard(organisation, request.user_id).require_organisation_read(table)
    if options.delta_token is not None and organisation.faults.take(
        "expired_delta_token", method=request.method, label=request.label, text=request.raw_query
    ):
        raise errors.delta_expired()


def _read_all(organisation: Organisation, request: Request, table: Table, options: Options) -> Reply:
    """All rows page by page; the last page has the link to the changes from then on."""
    reader = organisation.reader(request.user_id)
    page = reader.page(whole_table(table), options, request.prefer)
    body: dict[str, Any] = {"@odata.context": collection_context(request.base_url, table, options)}
    if page.count is not None:
        body["@odata.count"] = page.count
    body["value"] = page.rows
    start = _start_version(organisation, options)
    texts = dict(options.texts)
    if page.cookie is not None:
        token = paging.skip_token(page.number + 1, page.cookie, tracking=True)
        if _from_first_page(organisation):
            token = token.replace(" istracking", f' trackedfrom="{start}" istracking')
        body["@odata.nextLink"] = link(request.base_url, table.set_name, texts | {"$skiptoken": token})
    else:
        version = organisation.database.version
        if _from_first_page(organisation):
            version = start
        body["@odata.deltaLink"] = _delta_link(organisation, request, table, texts, version)
    request.rows = len(page.rows)
    return json_reply(body, preference_applied(request))


def _from_first_page(organisation: Organisation) -> bool:
    return organisation.settings.delta_stamped_at.startswith("first")


def _start_version(organisation: Organisation, options: Options) -> int:
    if options.skip_token is None:
        return organisation.database.version
    outer = ElementTree.fromstring(options.skip_token)
    return int(outer.attrib.get("trackedfrom", organisation.database.version))


def _read_changes(organisation: Organisation, request: Request, table: Table, options: Options) -> Reply:
    """Changed rows in the order of their versions, then deleted ones; a page may hold some of both."""
    assert options.delta_token is not None
    since = delta.read_token(organisation, options.delta_token)
    number, rows_after, deleted_after = _position(options, since)
    size = min(request.prefer.max_page_size or paging.MAX_PAGE, paging.MAX_PAGE)
    rows, versions = _changed_rows(organisation, request, table, options, rows_after, size + 1)
    more = len(rows) > size
    rows, versions = rows[:size], versions[:size]
    rows_after = versions[-1] if versions else rows_after
    entries: list[dict[str, Any]] = list(rows)
    if not more:
        gone = delta.deleted(organisation, table, since, deleted_after, size - len(rows) + 1)
        more = len(gone) > size - len(rows)
        gone = gone[: size - len(rows)]
        entries += [delta.deleted_entry(request.base_url, table, row_id) for row_id, _ in gone]
        deleted_after = gone[-1][1] if gone else deleted_after
    body: dict[str, Any] = {
        "@odata.context": collection_context(request.base_url, table, options) + "/$delta",
        "value": entries,
    }
    texts = {name: value for name, value in options.texts.items() if name != "$skiptoken"}
    if more:
        inner = f'<cookie page="{number}" rows="{rows_after}" deleted="{deleted_after}" />'
        token = paging.skip_token(number + 1, inner, tracking=True)
        body["@odata.nextLink"] = link(request.base_url, table.set_name, texts | {"$skiptoken": token})
    else:
        texts.pop("$deltatoken")
        version = organisation.database.version
        body["@odata.deltaLink"] = _delta_link(organisation, request, table, texts, version)
    request.rows = len(entries)
    return json_reply(body, preference_applied(request))


def _position(options: Options, since: int) -> tuple[int, int, int]:
    if options.skip_token is None:
        return 1, since, since
    number, inner = paging.read_skip_token(options.skip_token)
    try:
        found = ElementTree.fromstring(inner)
        return number, int(found.attrib["rows"]), int(found.attrib["deleted"])
    except (ElementTree.ParseError, KeyError, ValueError) as error:
        raise paging.malformed() from error


def _changed_rows(
    organisation: Organisation,
    request: Request,
    table: Table,
    options: Options,
    after: int,
    limit: int,
) -> tuple[list[dict[str, Any]], list[int]]:
    parameters = Parameters()
    where = f"t.versionnumber > {parameters.bind(after)}"
    source = Source(table, f"{quoted(table.name)} t", (where,), parameters)
    reader = organisation.reader(request.user_id)
    shape = reader.shape(table, replace(options, skip_token=None), request.prefer)
    found = organisation.database.connection.execute(
        f"SELECT {shape.select_list}, t.versionnumber FROM {source.sql} WHERE {where}"
        f" ORDER BY t.versionnumber LIMIT {limit}",
        parameters.values,
    ).fetchall()
    return shape.rows(found), [row[-1] for row in found]


def _delta_link(
    organisation: Organisation, request: Request, table: Table, texts: dict[str, str], version: int
) -> str:
    kept = {name: value for name, value in texts.items() if name not in ("$skiptoken", "$deltatoken")}
    kept["$deltatoken"] = delta.make_token(version, organisation.now())
    return link(request.base_url, table.set_name, kept, strict=True)
