"""``$expand``: related rows inside a row, fetched for a whole page at once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

from syncline_sandbox.dataverse.errors import bad_request, unknown_property
from syncline_sandbox.dataverse.http import Preferences
from syncline_sandbox.dataverse.query.conditions import Parameters
from syncline_sandbox.dataverse.query.filters import FilterWriter
from syncline_sandbox.dataverse.query.options import Expand, Options
from syncline_sandbox.dataverse.query.paging import MAX_PAGE
from syncline_sandbox.dataverse.query.reading import Reader, Source, link
from syncline_sandbox.dataverse.query.shape import ETAG, Member, target_sql
from syncline_sandbox.dataverse.schema.catalogue import CollectionNavigation, SingleNavigation
from syncline_sandbox.dataverse.schema.model import Table
from syncline_sandbox.dataverse.storage.database import quoted

Row = dict[str, Any]
# Members that carry ids from the query to the expansion; no JSON name begins with a space.
_ID = " id "
_TABLE = " table "


class Expander:
    """Adds what ``$expand`` asks for to the rows of one table."""

    def __init__(self, reader: Reader, prefer: Preferences, base_url: str) -> None:
        self._reader = reader
        self._catalogue = reader.catalogue
        self._prefer = prefer
        self._base_url = base_url

    def hidden_members(self, table: Table, options: Options) -> list[Member]:
        """What the query has to bring along so that the rows can be expanded; 400 for an unknown property."""
        members: list[Member] = []
        for expand in options.expand:
            single = self._catalogue.single(table, expand.name)
            if single is not None:
                members.append(Member(_ID + expand.name, f"t.{quoted(single.column.name)}"))
                members.append(Member(_TABLE + expand.name, target_sql(single.column, "t")))
            elif self._catalogue.collection(table, expand.name) is None:
                raise unknown_property(expand.name, table.type_name)
        return members

    def expand(self, table: Table, rows: list[Row], options: Options, *, in_collection: bool = False) -> None:
        """Change the rows in place. ``in_collection``: the rows are themselves an expanded collection's."""
        for expand in options.expand:
            single = self._catalogue.single(table, expand.name)
            if single is not None:
                self._expand_single(table, rows, expand, single)
                continue
            collection = self._catalogue.collection(table, expand.name)
            assert collection is not None
            self._check_nesting(expand, collection, in_collection)
            self._expand_collection(table, rows, expand, collection)

    def _check_nesting(self, expand: Expand, collection: CollectionNavigation, in_collection: bool) -> None:
        if expand.reference:
            raise bad_request(
                "Only $expand of a single-valued navigation property supports $ref.", "0x80060888"
            )
        if not in_collection:
            return
        if collection.intersect is not None:
            raise bad_request("Nested $expand is not supported on many-to-many relationships.")
        if expand.options.top is not None or expand.options.orderby:
            raise bad_request("$top and $orderby are not supported in a nested $expand of a collection.")

    # One

    def _expand_single(
        self, table: Table, rows: list[Row], expand: Expand, navigation: SingleNavigation
    ) -> None:
        wanted: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            target, row_id = row.get(_TABLE + expand.name), row.get(_ID + expand.name)
            if row_id is not None and target in navigation.targets:
                wanted[target].add(row_id)
        found = {target: self._by_id(target, ids, expand) for target, ids in wanted.items()}
        for row in rows:
            target, row_id = row.pop(_TABLE + expand.name), row.pop(_ID + expand.name)
            related = found.get(target, {}).get(row_id)
            if related is None or not expand.reference:
                row[expand.name] = related
            else:
                set_name = self._catalogue.tables[target].set_name
                row[expand.name] = {"@odata.id": f"{self._base_url}/{set_name}({row_id})"}

    def _by_id(self, target: str, ids: set[str], expand: Expand) -> dict[str, Row]:
        table = self._catalogue.tables[target]
        if expand.name == "ownerid":
            return self._principals(table, ids)
        parameters = Parameters()
        source = Source(
            table,
            f"{quoted(target)} t",
            (f"t.{quoted(table.primary_id)} IN ({parameters.bind_all(sorted(ids))})",),
            parameters,
        )
        options = replace(expand.options, orderby=(), count=False, skip_token=None)
        hidden = [*self.hidden_members(table, options), Member(_ID, f"t.{quoted(table.primary_id)}")]
        page = self._reader.page(source, options, self._prefer, hidden, limit=len(ids))
        self.expand(table, page.rows, options)
        return {row.pop(_ID): row for row in page.rows}

    def _principals(self, table: Table, ids: set[str]) -> dict[str, Row]:
        """``ownerid`` leads to the abstract type principal, which has its id and nothing else."""
        sql = (
            f"SELECT {quoted(table.primary_id)}, versionnumber FROM {quoted(table.name)}"
            f" WHERE {quoted(table.primary_id)} IN ({', '.join('?' * len(ids))})"
        )
        return {
            row_id: {"@odata.type": f"#{table.type_name}", ETAG: f'W/"{version}"', "ownerid": row_id}
            for row_id, version in self._reader.database.rows(sql, sorted(ids))
        }

    # Many

    def _expand_collection(
        self, table: Table, rows: list[Row], expand: Expand, navigation: CollectionNavigation
    ) -> None:
        """One query a parent row: each has its own order and ``$top``, and expanded pages are short."""
        for row in rows:
            parent_id = row[table.primary_id]
            row[expand.name] = self._children(table, parent_id, expand, navigation)
            path = f"{table.set_name}({parent_id})/{expand.name}"
            row[f"{expand.name}@odata.nextLink"] = link(self._base_url, path, _link_texts(expand.options))

    def _children(
        self, table: Table, parent_id: str, expand: Expand, navigation: CollectionNavigation
    ) -> list[Row]:
        child = self._catalogue.tables[navigation.table]
        source = self.related(table, parent_id, navigation)
        hidden = self.hidden_members(child, expand.options)
        limit = min(expand.options.top or MAX_PAGE, MAX_PAGE)
        page = self._reader.page(source, expand.options, self._prefer, hidden, limit=limit)
        self.expand(child, page.rows, expand.options, in_collection=True)
        return page.rows

    def related(self, table: Table, parent_id: str, navigation: CollectionNavigation) -> Source:
        """The rows of a collection of one parent row."""
        parameters = Parameters()
        writer = FilterWriter(self._catalogue, self._reader.caller, parameters)
        sql, joined = writer.collection_source(navigation, table, parameters.bind(parent_id), "t")
        return Source(self._catalogue.tables[navigation.table], sql, (joined,), parameters)


def _link_texts(options: Options) -> dict[str, str]:
    return {name: value for name, value in options.texts.items() if name != "$top"}
