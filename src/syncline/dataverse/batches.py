"""The multipart format of `$batch`, written and read (contract §3.4). Pure: bytes in, bytes out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from syncline.remote import RemoteError

CRLF = b"\r\n"
_BOUNDARY = re.compile(r'boundary="?([^";,]+)"?', re.IGNORECASE)
_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?\s+(\d{3})")


class Operation(msgspec.Struct, frozen=True):
    """One request inside a batch; `path` is relative to the API root; `record` names the row in errors."""

    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = {}
    record: str | None = None


class Part(msgspec.Struct, frozen=True):
    """One answer inside a batch, as it came. Header names are lower-case."""

    status: int
    headers: dict[str, str]
    body: bytes


class BatchResult(msgspec.Struct, frozen=True):
    """The answer to one operation; `error` is None where it worked."""

    status: int
    headers: dict[str, str]
    body: bytes
    error: RemoteError | None


def encoded(operations: Sequence[Operation], api: str, boundary: str) -> bytes:
    """The body of a batch whose operations stand on their own, outside any change set."""
    pieces: list[bytes] = []
    for operation in operations:
        pieces.append(f"--{boundary}\r\n".encode())
        pieces.append(b"Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n")
        pieces.append(_request(operation, api))
    pieces.append(f"--{boundary}--\r\n".encode())
    return b"".join(pieces)


def _request(operation: Operation, api: str) -> bytes:
    headers = {"Accept": "application/json", **operation.headers}
    body = b""
    if operation.body is not None:
        headers["Content-Type"] = "application/json; type=entry"
        body = msgspec.json.encode(operation.body)
    lines = [f"{operation.method} {api}{operation.path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + CRLF + CRLF + body + CRLF


def parts(content_type: str, body: bytes) -> list[Part]:
    """The answers in a batch answer, those of change sets included, in order."""
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise ValueError("the answer to a batch has no boundary")
    delimiter = b"--" + found.group(1).strip().encode()
    pieces = re.split(rb"(?:\A|\r?\n)" + re.escape(delimiter) + rb"(?:--)?[ \t]*(?=\r?\n|\Z)", body)
    answers: list[Part] = []
    for piece in pieces[1:]:
        headers, content = _split(piece.lstrip(b"\r\n"))
        kind = headers.get("content-type", "")
        if kind.startswith("multipart/mixed"):
            answers += parts(kind, content)
        elif kind.startswith("application/http"):
            answers.append(_answer(content))
    return answers


def _answer(content: bytes) -> Part:
    first, _, rest = content.lstrip(b"\r\n").partition(b"\n")
    found = _STATUS.match(first)
    if found is None:
        raise ValueError("a part of the answer to a batch has no status line")
    headers, body = _split(rest)
    return Part(int(found.group(1)), headers, body)


def _split(piece: bytes) -> tuple[dict[str, str], bytes]:
    """Headers (to the first empty line) and what follows them."""
    if piece.startswith((b"\r\n", b"\n")):
        return {}, piece.lstrip(b"\r\n")
    found = _EMPTY_LINE.search(piece)
    head, body = (piece, b"") if found is None else (piece[: found.start()], piece[found.end() :])
    headers: dict[str, str] = {}
    for line in head.splitlines():
        name, separator, value = line.partition(b":")
        if separator:
            headers[name.strip().decode("latin-1").lower()] = value.strip().decode("latin-1")
    return headers, body
