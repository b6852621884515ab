"""Error answers: v2 has one code in ``message``, v3 a code with a description and details."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

NOT_FOUND_V2 = frozenset(
    f"ERROR_{name}"
    for name in [
        "CONTACT_NOT_FOUND",
        "ADDRESSBOOK_NOT_FOUND",
        "IMPORT_NOT_FOUND",
        "IMPORT_REPORT_NOT_FOUND",
        "PREFERENCE_NOT_FOUND",
        "SEGMENT_NOT_FOUND",
        "CAMPAIGN_NOT_FOUND",
        "SURVEY_NOT_FOUND",
        "NOT_FOUND",
    ]
)


class ApiError(Exception):
    """Ends a call with an error answer; both families below become responses in one place."""

    def response(self) -> web.Response:
        raise NotImplementedError


class V2Error(ApiError):
    """``{"message": "ERROR_CODE"}``; 404 for codes that say not found, otherwise 400 unless told."""

    def __init__(self, code: str, status: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.status = status or (404 if code in NOT_FOUND_V2 else 400)

    def response(self) -> web.Response:
        return json_response({"message": self.code}, self.status)


class EmptyRefusal(ApiError):
    """A status without a body."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status

    def response(self) -> web.Response:
        return web.Response(status=self.status)


class V3Error(ApiError):
    """``{"errorCode": "service:code", "description": …, "details": […]}``."""

    def __init__(
        self, code: str, description: str, status: int = 400, details: list[dict[str, str]] | None = None
    ) -> None:
        super().__init__(code)
        self.body: dict[str, Any] = {"errorCode": code, "description": description}
        if details:
            self.body["details"] = details
        self.status = status

    def response(self) -> web.Response:
        return json_response(self.body, self.status)

    def told_by(self, service: str) -> V3Error:
        """The same error with the prefix of the service that was asked."""
        _, _, code = self.body["errorCode"].partition(":")
        return V3Error(f"{service}:{code}", self.body["description"], self.status, self.body.get("details"))


def json_response(value: Any, status: int = 200) -> web.Response:
    return raw_json(msgspec.json.encode(value), status)


def raw_json(body: bytes, status: int = 200) -> web.Response:
    return web.Response(body=body, status=status, headers={"Content-Type": "application/json; charset=utf-8"})


def bad_request(description: str, item: str | None = None) -> V3Error:
    """``contacts:badRequest``: the body or a parameter does not fit the definition."""
    details = [{"item": item, "description": description}] if item else None
    return V3Error("contacts:badRequest", description, 400, details)


def unreadable(raw: bytes, error: msgspec.DecodeError) -> V3Error:
    """``contacts:badJson`` for what is no JSON at all, ``contacts:badRequest`` for JSON of another shape."""
    if isinstance(error, msgspec.ValidationError):
        try:
            msgspec.json.decode(raw)
        except msgspec.DecodeError:
            pass
        else:
            return bad_request(str(error))
    return V3Error("contacts:badJson", "The request JSON is badly formed")


def contact_not_found(identifier: str, value: str) -> V3Error:
    return V3Error(
        "contacts:contactNotFound",
        "The following contacts could not be found",
        404,
        [{"item": value, "description": f"Not found using the identifier '{identifier}'"}],
    )


def invalid_id(identifier: str, value: str) -> V3Error:
    return V3Error(
        "contacts:invalidId", f"The id value '{value}' is invalid for the identifier '{identifier}'"
    )


def id_already_exists(identifier: str, value: str) -> V3Error:
    return V3Error(
        "contacts:idAlreadyExists",
        f"The id value '{value}' for the identifier '{identifier}' already exists. "
        "All identifiers must be unique!",
        409,
    )
