"""A bare client for the conformance tests: every answer is held against the vendor's definitions."""

from __future__ import annotations

import base64
import http.client
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from sandbox_process import Control, DotdigitalSandbox

from .definitions import Definitions


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def error(self) -> str:
        """v2's message or v3's error code."""
        body = self.json
        return str(body.get("errorCode") or body["message"])


@dataclass
class Api:
    """Speaks to one sandbox over one connection per call, with Basic log-in unless told otherwise."""

    sandbox: DotdigitalSandbox
    definitions: Definitions | None
    login: tuple[str, str] | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def control(self) -> Control:
        return self.sandbox.control

    def call(self, method: str, path: str, body: Any = None, **extra_headers: str) -> Answer:
        """``body`` is JSON unless it is bytes already."""
        user, password = self.login or (self.sandbox.api_user, self.sandbox.api_password)
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        headers = {"Authorization": f"Basic {token}", **self.headers}
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        headers.update({name.replace("_", "-"): value for name, value in extra_headers.items()})
        connection = http.client.HTTPConnection(urlsplit(self.sandbox.base_url).netloc, timeout=30)
        try:
            connection.request(method, path, body=data, headers=headers)
            response = connection.getresponse()
            answer = Answer(
                response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
            )
        finally:
            connection.close()
        if self.definitions is not None:
            self.definitions.check(method, path, answer.status, answer.raw)
        return answer

    def get(self, path: str) -> Answer:
        return self.call("GET", path)

    def post(self, path: str, body: Any = None) -> Answer:
        return self.call("POST", path, body)

    def put(self, path: str, body: Any = None) -> Answer:
        return self.call("PUT", path, body)

    def patch(self, path: str, body: Any = None) -> Answer:
        return self.call("PATCH", path, body)

    def delete(self, path: str, body: Any = None) -> Answer:
        return self.call("DELETE", path, body)

    def ok(self, method: str, path: str, body: Any = None) -> Any:
        """The decoded answer of a call that has to succeed."""
        answer = self.call(method, path, body)
        assert 200 <= answer.status < 300, (answer.status, answer.raw)
        return answer.json if answer.raw else None

    def new_list(self, name: str) -> int:
        return int(self.ok("POST", "/v2/address-books", {"name": name})["id"])

    def new_contact(self, email: str, **fields: Any) -> int:
        data = [{"key": key, "value": value} for key, value in fields.items()]
        return int(self.ok("POST", "/v2/contacts", {"email": email, "dataFields": data})["id"])

    def contact(self, email: str) -> dict[str, Any]:
        """The contact as v3 shows it."""
        return dict(self.ok("GET", f"/contacts/v3/email/{quote(email)}"))

    def import_v3(self, *rows: dict[str, Any], merge: str = "overwrite") -> dict[str, Any]:
        """Import, let it end, and return the report."""
        started = self.ok("PUT", "/contacts/v3/import", {"mergeOption": merge, "contacts": list(rows)})
        self.control.advance(600)
        return dict(self.ok("GET", f"/contacts/v3/import/{started['importId']}"))

    def members(self, list_id: int) -> set[str]:
        return {row["email"] for row in self.ok("GET", f"/v2/address-books/{list_id}/contacts")}


def row(email: str, **parts: Any) -> dict[str, Any]:
    """An import row matched by its address."""
    return {"matchIdentifier": "email", "identifiers": {"email": email}, **parts}
