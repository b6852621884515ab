"""One Web API request and its answer, apart from any server, so that the parts of a ``$batch`` are requests
too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

import msgspec

from syncline_sandbox.dataverse.errors import DataverseError, bad_payload, bad_request

JSON_TYPE = "application/json; odata.metadata=minimal"
MAX_URL = 32_768
MAX_URL_IN_BATCH = 65_536


class Headers(Mapping[str, str]):
    """Header fields by case-insensitive name; repeated fields are joined with commas."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._fields: dict[str, str] = {}
        for name, value in pairs:
            key = name.lower()
            self._fields[key] = f"{self._fields[key]},{value}" if key in self._fields else value

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()]

    def __iter__(self) -> Any:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


@dataclass(frozen=True)
class Preferences:
    """The Prefer header, read."""

    representation: bool = False
    minimal: bool = False
    annotations: str | None = None
    max_page_size: int | None = None
    track_changes: bool = False
    continue_on_error: bool = False
    respond_async: bool = False

    def wants(self, annotation: str) -> bool:
        """Whether the annotation pattern covers this annotation; the most specific mention decides."""
        if self.annotations is None:
            return False
        return _annotation_filter(self.annotations)(annotation)


_PREFERENCE = re.compile(r'\s*([A-Za-z0-9.\-]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^,;]*))?\s*[,;]?')


def read_preferences(header: str | None) -> Preferences:
    """Unknown preferences are passed over, as RFC 7240 wants."""
    if not header:
        return Preferences()
    found: dict[str, str] = {}
    for match in _PREFERENCE.finditer(header):
        found[match[1].lower()] = (match[2] or "").strip().strip('"')
    size = found.get("odata.maxpagesize", found.get("maxpagesize"))
    answer = found.get("return", "")
    return Preferences(
        representation=answer == "representation",
        minimal=answer == "minimal",
        annotations=found.get("odata.include-annotations", found.get("include-annotations")),
        max_page_size=int(size) if size and size.isdecimal() and int(size) > 0 else None,
        track_changes="odata.track-changes" in found or "track-changes" in found,
        continue_on_error=found.get("odata.continue-on-error", "false").lower() in ("", "true"),
        respond_async="respond-async" in found,
    )


_FILTERS: dict[str, Callable[[str], bool]] = {}


def _annotation_filter(pattern: str) -> Callable[[str], bool]:
    """``*``, ``namespace.*``, full names; a leading ``-`` excludes. The longest matching mention wins."""
    known = _FILTERS.get(pattern)
    if known is not None:
        return known
    rules = []
    for part in (piece.strip() for piece in pattern.split(",")):
        if part:
            exclude = part.startswith("-")
            rules.append((part.lstrip("-"), not exclude))
    rules.sort(key=lambda rule: len(rule[0]), reverse=True)

    def wants(name: str) -> bool:
        for mention, wanted in rules:
            if mention in ("*", name) or (mention.endswith("*") and name.startswith(mention[:-1])):
                return wanted
        return False

    _FILTERS[pattern] = wants
    return wants


@dataclass
class Request:
    """A Web API request: what the dispatcher needs to know, already decoded."""

    method: str
    # Below /api/data/v9.x/, still percent-encoded, without the query.
    path: str
    raw_query: str
    headers: Headers
    body: bytes
    # ``scheme://host:port/api/data/v9.2``
    base_url: str
    user_id: str
    # The application user, when it acts for ``user_id``.
    delegate_id: str | None = None
    # What journal and faults call the request.
    label: str = ""
    in_batch: bool = False
    # URLs of earlier requests in the same change set, by Content-ID.
    content_ids: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    # Single-valued things that handlers compute once.
    _query: dict[str, str] | None = None
    _prefer: Preferences | None = None

    @property
    def query(self) -> dict[str, str]:
        """Query options, percent-decoded with ``+`` as a space; of a repeated option the last."""
        if self._query is None:
            self._query = decode_query(self.raw_query)
        return self._query

    @property
    def prefer(self) -> Preferences:
        if self._prefer is None:
            self._prefer = read_preferences(self.headers.get("Prefer"))
        return self._prefer

    @property
    def aliases(self) -> dict[str, str]:
        """Parameter aliases (``@p1``) of the query string."""
        return {name: value for name, value in self.query.items() if name.startswith("@")}

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; an empty body is an empty object."""
        if not self.body.strip():
            return {}
        try:
            value = msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise bad_payload(self.path.split("(")[0].split("/")[0], f"Invalid JSON. {error}") from error
        if not isinstance(value, dict):
            raise bad_payload(self.path.split("(")[0].split("/")[0], "A JSON object was expected.")
        return value


def decode_query(raw: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for piece in raw.split("&"):
        if piece:
            name, _, value = piece.partition("=")
            try:
                found[unquote_plus(name, errors="strict")] = unquote_plus(value, errors="strict")
            except UnicodeDecodeError as error:
                raise bad_request(f"The query string is not valid UTF-8: {error}") from error
    return found


@dataclass
class Reply:
    """An answer; ``body`` is bytes ready to send."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON_TYPE


def json_reply(value: Any, headers: dict[str, str] | None = None, status: int = 200) -> Reply:
    return Reply(status, msgspec.json.encode(value), headers or {})


def no_content(headers: dict[str, str] | None = None) -> Reply:
    return Reply(204, b"", headers or {})


def error_reply(error: DataverseError, prefer: Preferences | None = None) -> Reply:
    """``{"error": {...}}``, with the detail members when annotations were asked for."""
    inner: dict[str, Any] = {"code": error.code, "message": error.message}
    if prefer is not None and prefer.annotations is not None:
        details = {
            "@Microsoft.PowerApps.CDS.ErrorDetails.OperationStatus": "0",
            "@Microsoft.PowerApps.CDS.ErrorDetails.SubErrorCode": "0",
            "@Microsoft.PowerApps.CDS.HelpLink": (
                "http://go.microsoft.com/fwlink/?LinkID=398563&error=Microsoft.Crm.CrmException%3a"
                f"{error.code.removeprefix('0x')}&client=platform"
            ),
            "@Microsoft.PowerApps.CDS.TraceText": "",
            "@Microsoft.PowerApps.CDS.InnerError.Message": error.message,
        }
        inner |= {name: value for name, value in details.items() if prefer.wants(name.lstrip("@"))}
    return Reply(error.status, msgspec.json.encode({"error": inner}), dict(error.headers))
