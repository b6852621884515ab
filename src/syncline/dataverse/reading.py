"""Reading rows: one, a page after another, or the rows of a FetchXML query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from syncline.dataverse import addresses, fetchxml
from syncline.dataverse.addresses import Key
from syncline.dataverse.batches import Operation
from syncline.dataverse.batching import Batching
from syncline.dataverse.isolation import chunks
from syncline.dataverse.session import Call
from syncline.remote import Permanent, RemoteError
from syncline.remote.decoding import decoded

Row = dict[str, Any]

MOST_ROWS_A_PAGE = 5000
# GET takes 32,768 characters of URL; a longer query goes into a batch, where twice that is allowed.
LONGEST_URL = 30_000
# So many ids, 39 characters each, stay below that.
IDS_A_QUERY = 500
FORMATTED = "OData.Community.Display.V1.FormattedValue"
ANNOTATIONS = f'odata.include-annotations="{FORMATTED},Microsoft.Dynamics.CRM.lookuplogicalname"'
FETCH_ANNOTATIONS = (
    "odata.include-annotations="
    '"Microsoft.Dynamics.CRM.fetchxmlpagingcookie,Microsoft.Dynamics.CRM.morerecords"'
)


class Page(msgspec.Struct, frozen=True):
    """Up to 5,000 rows; `next_link` leads on and may be stored; None on the last page."""

    rows: list[Row]
    next_link: str | None


class FetchPage(msgspec.Struct, frozen=True):
    """A page of a FetchXML query. Columns that are null are absent from the rows."""

    rows: list[Row]
    next_cursor: str | None


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What `pages` is asked for, to be asked together with others."""

    set_: str
    select: Sequence[str] = ()
    filter: str | None = None
    orderby: Sequence[str] = ()


class _Collection(msgspec.Struct):
    value: list[Row]
    next_link: str | None = msgspec.field(name="@odata.nextLink", default=None)
    cookie: str | None = msgspec.field(name=fetchxml.COOKIE, default=None)
    more: bool = msgspec.field(name=fetchxml.MORE, default=False)


class Reading(Batching):
    """Paging is not a snapshot: a row changed between two pages may come twice or not at all."""

    def pages(
        self,
        set_: str,
        *,
        select: Sequence[str] = (),
        filter: str | None = None,
        orderby: Sequence[str] = (),
        expand: str | None = None,
        page_size: int = MOST_ROWS_A_PAGE,
        annotations: bool = False,
    ) -> Iterator[Page]:
        """All rows that the query finds, a page at a time.

        For a stable order end `orderby` with the primary key. With `annotations`, each choice, lookup, date
        and amount has its display text beside it as `column@OData.Community.Display.V1.FormattedValue`.
        """
        path = addresses.query(
            addresses.name(set_), select=select, filter_=filter, orderby=orderby, expand=expand
        )
        return self.pages_from(path, page_size=page_size, annotations=annotations)

    def pages_from(
        self, next_link: str, *, page_size: int = MOST_ROWS_A_PAGE, annotations: bool = False
    ) -> Iterator[Page]:
        """Go on from a stored link. Page size and annotations must be those of the first page."""
        prefer = f"odata.maxpagesize={page_size}" + (f",{ANNOTATIONS}" if annotations else "")
        link: str | None = next_link
        while link is not None:
            found = self._session.get(link, _Collection, headers={"Prefer": prefer})
            link = found.next_link
            yield Page(found.value, link)

    def first_pages(
        self, queries: Sequence[Query], *, page_size: int, annotations: bool = False
    ) -> list[Page | RemoteError]:
        """The first page of each, by one request; of one that fails, its error in place of the page."""
        prefer = f"odata.maxpagesize={page_size}" + (f",{ANNOTATIONS}" if annotations else "")
        asked = [
            Operation(
                "GET",
                addresses.query(
                    addresses.name(one.set_), select=one.select, filter_=one.filter, orderby=one.orderby
                ),
                headers={"Prefer": prefer},
            )
            for one in queries
        ]
        return [result.error or _page(result.body) for result in self.batch(asked)]

    def rows_of(self, set_: str, key: str, ids: Sequence[str], *, select: Sequence[str]) -> Iterator[Row]:
        """The rows with these ids, each with its `@odata.etag`; one that is gone is left out. `key` is the
        column of the id.
        """
        for part in chunks(ids, IDS_A_QUERY):
            wanted = ",".join(f"'{addresses.guid(id_)}'" for id_ in part)
            among = f"Microsoft.Dynamics.CRM.In(PropertyName='{key}',PropertyValues=[{wanted}])"
            for page in self.pages(set_, select=select, filter=among):
                yield from page.rows

    def fetch_pages(
        self, set_: str, query: str, *, page_size: int = MOST_ROWS_A_PAGE, cursor: str | None = None
    ) -> Iterator[FetchPage]:
        """The rows of a FetchXML query; `cursor` is a stored `next_cursor`."""
        at: fetchxml.FetchCursor | None = (
            fetchxml.FetchCursor(1, "") if cursor is None else fetchxml.FetchCursor.parse(cursor)
        )
        while at is not None:
            found = self._fetch(set_, fetchxml.paged(query, at, page_size))
            at = fetchxml.next_cursor(at, found.cookie, found.more)
            yield FetchPage(found.value, None if at is None else at.text)

    def _fetch(self, set_: str, query: str) -> _Collection:
        path = f"{addresses.name(set_)}?fetchXml={quote(query, safe='')}"
        headers = {"Prefer": FETCH_ANNOTATIONS}
        if len(path) < LONGEST_URL:
            return self._session.get(path, _Collection, headers=headers)
        (result,) = self.batch([Operation("GET", path, headers=headers)])
        if result.error is not None:
            raise result.error
        return decoded(result.body, _Collection)

    def get(
        self,
        set_: str,
        key: Key,
        *,
        select: Sequence[str] = (),
        expand: str | None = None,
        annotations: bool = False,
    ) -> Row:
        """One row, with its `@odata.etag`. Raises `NotFound`."""
        path = addresses.query(addresses.row(set_, key), select=select, expand=expand)
        return self._session.get(path, Row, headers={"Prefer": ANNOTATIONS} if annotations else None)

    def count(self, set_: str, *, filter: str | None = None) -> int:
        """How many rows there are; Dataverse stops counting at 5,000."""
        path = addresses.query(f"{addresses.name(set_)}/$count", filter_=filter)
        text = self._session.send(Call(method="GET", path=path)).content.decode("utf-8-sig").strip()
        if not text.isdigit():
            raise Permanent(f"{set_}/$count answered {text[:40]!r}, not a number")
        return int(text)


def _page(body: bytes) -> Page:
    found = decoded(body, _Collection)
    return Page(found.value, found.next_link)
