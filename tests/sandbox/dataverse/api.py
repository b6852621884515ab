"""A bare client for the Web API: says what is on the wire and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import httpx2

from sandbox_process import Control, DataverseSandbox

Json = dict[str, Any]


class Api:
    """Requests as the application user, or with another token."""

    def __init__(self, sandbox: DataverseSandbox, version: str = "v9.2") -> None:
        self.sandbox = sandbox
        self.control: Control = sandbox.control
        self.http = httpx2.Client(timeout=60)
        self.root = f"{sandbox.base_url}/api/data/{version}/"
        self.token = self.new_token()

    def close(self) -> None:
        self.http.close()

    def new_token(self, **changes: str) -> str:
        answer = self.ask_token(**changes)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def ask_token(self, *, url: str | None = None, drop: str = "", **changes: str) -> httpx2.Response:
        """A token request with some fields changed or one dropped."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self.sandbox.client_id,
            "client_secret": self.sandbox.client_secret,
            "scope": f"{self.sandbox.base_url}/.default",
        } | changes
        form.pop(drop, None)
        return self.http.post(url or self.sandbox.token_url, data=form)

    def call(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> httpx2.Response:
        """``path`` below the service root, or a whole URL as links have it."""
        url = path if path.startswith("http") else self.root + path
        sent = {"Authorization": f"Bearer {self.token}", "Accept": "application/json", **(headers or {})}
        if isinstance(body, bytes):
            return self.http.request(method, url, content=body, headers=sent)
        return self.http.request(method, url, json=body, headers=sent)

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return self.call("GET", path, None, _headers(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        return self.call("POST", path, body, _headers(headers))

    def patch(self, path: str, body: Any, **headers: str) -> httpx2.Response:
        return self.call("PATCH", path, body, _headers(headers))

    def put(self, path: str, body: Any, **headers: str) -> httpx2.Response:
        return self.call("PUT", path, body, _headers(headers))

    def delete(self, path: str, **headers: str) -> httpx2.Response:
        return self.call("DELETE", path, None, _headers(headers))

    # Shorthand for what most tests need

    def json(self, path: str, **headers: str) -> Json:
        """The body of a GET that has to succeed."""
        answer = self.get(path, **headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def values(self, path: str, **headers: str) -> list[Json]:
        return list(self.json(path, **headers)["value"])

    def create(self, set_name: str, **columns: Any) -> str:
        """Make a row; the answer is its id."""
        answer = self.post(set_name, columns)
        assert answer.status_code == 204, answer.text
        return id_of(answer.headers["OData-EntityId"])

    def pages(self, path: str, **headers: str) -> Iterator[Json]:
        """All pages, by their next links."""
        link: str | None = path
        while link is not None:
            page = self.json(link, **headers)
            yield page
            link = page.get("@odata.nextLink")

    def names(self, condition: str, set_name: str = "contacts", column: str = "firstname") -> list[str]:
        """One column of the rows that fulfil a filter, in order."""
        path = f"{set_name}?$select={column}&$orderby={column}&$filter={quote(condition)}"
        return [row[column] for row in self.values(path)]

    def contact_named(self, first: str) -> str:
        found = self.values(f"contacts?$select=contactid&$filter=firstname eq '{first}'")
        assert len(found) == 1, found
        return str(found[0]["contactid"])


def id_of(url: str) -> str:
    """The id in an entity's URL."""
    return url.rpartition("(")[2].rstrip(")")


def error_of(answer: httpx2.Response) -> tuple[int, str]:
    """Status and code of an error answer."""
    return answer.status_code, answer.json()["error"]["code"]


def message_of(answer: httpx2.Response) -> str:
    return str(answer.json()["error"]["message"])


def _headers(given: Mapping[str, str]) -> dict[str, str]:
    """``If_Match`` → ``If-Match``; dots are written as two underscores."""
    return {name.replace("__", ".").replace("_", "-"): value for name, value in given.items()}
