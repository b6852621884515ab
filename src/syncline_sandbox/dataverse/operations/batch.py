"""``$batch``: reading multipart requests, running them, writing the multipart answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from http import HTTPStatus
from uuid import uuid4

from syncline_sandbox.dataverse import errors
from syncline_sandbox.dataverse.errors import DataverseError
from syncline_sandbox.dataverse.http import Headers, Reply, Request, error_reply
from syncline_sandbox.dataverse.organisation import Organisation
from syncline_sandbox.dataverse.resource_path import relative_to_service
from syncline_sandbox.dataverse.rows.addressing import resolve_content_id

MAX_OPERATIONS = 1000
# Runs one request; changes are not yet wrapped in a transaction, failures are raised.
Run = Callable[[Request], Reply]

_REQUEST_LINE = re.compile(r"(GET|POST|PATCH|PUT|DELETE|HEAD|OPTIONS)\s+(\S.*?)(?:\s+HTTP/\d(?:\.\d)?)?\s*")


@dataclass
class Operation:
    """One request of the batch."""

    method: str
    url: str
    headers: Headers
    body: bytes
    content_id: str | None


@dataclass
class ChangeSet:
    operations: list[Operation] = field(default_factory=list)


@dataclass
class _Answer:
    """One part of the answer."""

    reply: Reply
    content_id: str | None = None


def handle(organisation: Organisation, request: Request, run: Run) -> Reply:
    if request.in_batch:
        raise errors.bad_request("A batch request cannot contain another batch request.")
    boundary = _boundary(request.headers.get("Content-Type", ""))
    if organisation.settings.strict_crlf:
        _require_crlf(request.body)
    items = _read(request.body, boundary)
    total = sum(len(item.operations) if isinstance(item, ChangeSet) else 1 for item in items)
    if total > MAX_OPERATIONS:
        raise errors.bad_request(f"The batch holds {total} operations; at most {MAX_OPERATIONS} are allowed.")
    request.rows = total
    return _Batch(organisation, request, run).run(items)


class _Batch:
    def __init__(self, organisation: Organisation, request: Request, run: Run) -> None:
        self._organisation = organisation
        self._request = request
        self._run = run

    def run(self, items: list[Operation | ChangeSet]) -> Reply:
        """Stops behind the first failure unless the request prefers to go on."""
        boundary = f"batchresponse_{uuid4()}"
        parts: list[bytes] = []
        failed = False
        for item in items:
            if isinstance(item, ChangeSet):
                part, good = self._change_set(item)
            else:
                answer = self._single(item, {})
                part, good = _http_part(answer), answer.reply.status < 400
            parts.append(part)
            if not good:
                failed = True
                if not self._request.prefer.continue_on_error:
                    break
        goes_on = self._request.prefer.continue_on_error
        body = _multipart(boundary, parts)
        status = 400 if failed and not goes_on else 200
        headers = {"Preference-Applied": "odata.continue-on-error"} if goes_on else {}
        return Reply(status, body, headers, f"multipart/mixed; boundary={boundary}")

    def _single(self, operation: Operation, content_ids: dict[str, str]) -> _Answer:
        """A request outside of change sets: a transaction of its own."""
        try:
            with self._organisation.transaction():
                return _Answer(self._execute(operation, content_ids), operation.content_id)
        except DataverseError as error:
            return _Answer(error_reply(error), operation.content_id)

    def _change_set(self, change_set: ChangeSet) -> tuple[bytes, bool]:
        """All or nothing; a failure is answered by one error part in place of the whole set."""
        answers: list[_Answer] = []
        content_ids: dict[str, str] = {}
        current: Operation | None = None
        try:
            with self._organisation.transaction():
                for current in change_set.operations:
                    if current.method == "GET":
                        raise errors.bad_request("A change set cannot contain GET requests.")
                    reply = self._execute(current, content_ids)
                    answers.append(_Answer(reply, current.content_id))
                    if current.content_id is not None and "OData-EntityId" in reply.headers:
                        content_ids[current.content_id] = reply.headers["OData-EntityId"]
        except DataverseError as error:
            failed_id = current.content_id if current is not None else None
            return _http_part(_Answer(error_reply(error), failed_id)), False
        boundary = f"changesetresponse_{uuid4()}"
        body = _multipart(boundary, [_http_part(answer) for answer in answers])
        return f"Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n".encode() + body, True

    def _execute(self, operation: Operation, content_ids: dict[str, str]) -> Reply:
        url = resolve_content_id(operation.url, content_ids)
        path, _, query = relative_to_service(url, self._request.base_url).partition("?")
        return self._run(
            Request(
                method=operation.method,
                path=path,
                raw_query=query,
                headers=operation.headers,
                body=operation.body,
                base_url=self._request.base_url,
                user_id=self._request.user_id,
                delegate_id=self._request.delegate_id,
                label=self._request.label,
                in_batch=True,
                content_ids=content_ids,
            )
        )


# Reading


def _boundary(content_type: str) -> str:
    message = Message()
    message["Content-Type"] = content_type
    boundary = message.get_param("boundary")
    if message.get_content_type() != "multipart/mixed" or not isinstance(boundary, str) or not boundary:
        raise errors.DataverseError(
            400,
            errors.PAYLOAD,
            "Invalid 'Content-Type' header value: a multipart/mixed with a boundary is needed.",
        )
    return boundary


def _require_crlf(body: bytes) -> None:
    """The strict service: every line ends with CRLF, the last one too."""
    if not body.endswith(b"\r\n") or re.search(rb"(?<!\r)\n", body):
        raise errors.DataverseError(400, errors.PAYLOAD, "Stream was not readable.")


def _read(body: bytes, boundary: str) -> list[Operation | ChangeSet]:
    items: list[Operation | ChangeSet] = []
    for headers, content in _parts(body, boundary):
        kind = headers.get("Content-Type", "application/http").split(";")[0].strip().lower()
        if kind == "multipart/mixed":
            inner = _parts(content, _boundary(headers["Content-Type"]))
            items.append(ChangeSet([_operation(h, c) for h, c in inner]))
        elif kind == "application/http":
            items.append(_operation(headers, content))
        else:
            raise errors.DataverseError(
                400, errors.PAYLOAD, f"A part of the batch has the content type '{kind}'."
            )
    return items


def _parts(body: bytes, boundary: str) -> list[tuple[Headers, bytes]]:
    mark = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary.encode()) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    marks = list(mark.finditer(body))
    if not marks:
        raise errors.DataverseError(400, errors.PAYLOAD, "Stream was not readable.")
    found = []
    for index, match in enumerate(marks):
        if match[1]:
            break
        end = marks[index + 1].start() if index + 1 < len(marks) else len(body)
        # The line break behind the mark is not part of what follows.
        content = re.sub(rb"\A\r?\n", b"", body[match.end() : end])
        found.append(_split_headers(content))
    return found


def _split_headers(content: bytes) -> tuple[Headers, bytes]:
    match = re.search(rb"(?:\A|\r?\n)\r?\n", content)
    head, rest = (content, b"") if match is None else (content[: match.start()], content[match.end() :])
    pairs = []
    for line in head.decode("utf-8", "replace").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            pairs.append((name.strip(), value.strip()))
    return Headers(pairs), rest


def _operation(headers: Headers, content: bytes) -> Operation:
    line, _, rest = content.lstrip(b"\r\n").partition(b"\n")
    match = _REQUEST_LINE.fullmatch(line.decode("utf-8", "replace").rstrip("\r"))
    if match is None:
        raise errors.DataverseError(400, errors.PAYLOAD, "Stream was not readable.")
    own, body = _split_headers(rest)
    content_id = headers.get("Content-ID") or own.get("Content-ID")
    return Operation(match[1], match[2].replace(" ", "%20"), own, body.rstrip(b"\r\n"), content_id)


# Writing


def _multipart(boundary: str, parts: list[bytes]) -> bytes:
    out = [f"--{boundary}\r\n".encode() + part + b"\r\n" for part in parts]
    return b"".join(out) + f"--{boundary}--\r\n".encode()


def _http_part(answer: _Answer) -> bytes:
    reply = answer.reply
    head = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    if answer.content_id is not None:
        head.append(f"Content-ID: {answer.content_id}")
    reason = HTTPStatus(reply.status).phrase
    lines = [*head, "", f"HTTP/1.1 {reply.status} {reason}"]
    if reply.body:
        lines.append(f"Content-Type: {reply.content_type}")
    lines.append("OData-Version: 4.0")
    lines += [f"{name}: {value}" for name, value in reply.headers.items()]
    if "OData-EntityId" in reply.headers:
        lines.append(f"Location: {reply.headers['OData-EntityId']}")
    return "\r\n".join([*lines, "", ""]).encode() + reply.body
