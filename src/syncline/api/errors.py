"""Every refusal in one shape: `{"error": {"code", "message", "remedy"}}`."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError
from pydantic import Field

from syncline.remote import RemoteError, Retryable

PROBLEMS_TOLD: Final = 5
"""Of a request with more mistakes than that, these are enough to begin with."""


class Problem(Schema):
    """What went wrong, and what to do about it."""

    code: str = Field(description="For programs; does not change.", examples=["no_such_run"])
    message: str = Field(description="For people; may change.", examples=["There is no such run."])
    remedy: str = Field(description="What to do. Empty where nothing can be done.", examples=[""])


class Refusal(Schema):
    """The answer to every call that could not be served."""

    error: Problem


class ApiError(Exception):
    """Ends an operation with a refusal."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        message: str,
        remedy: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.problem = Problem(code=code, message=message, remedy=remedy)
        self.headers = headers


def not_found(what: str, remedy: str) -> ApiError:
    """`what` in the words of a program: `run`, `marketing_list`."""
    words = what.replace("_", " ")
    return ApiError(HTTPStatus.NOT_FOUND, f"no_such_{what}", f"There is no such {words}.", remedy)


def answers(model: Any, *, status: int = HTTPStatus.OK, refusals: tuple[int, ...] = ()) -> dict[int, Any]:
    """What an operation may answer: `model` when all is well, and the refusals that every call may meet
    beside those that are named.
    """
    told = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, *refusals)
    return {int(status): model} | {int(refusal): Refusal for refusal in told}


def tell_errors(api: NinjaAPI) -> None:
    """Let the API answer every error that it knows in the one shape."""
    api.add_exception_handler(ApiError, _api_error)
    api.add_exception_handler(HttpError, _http_error)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(RemoteError, _vendor_error)


def refusal(status: int, problem: Problem, headers: Mapping[str, str] | None = None) -> HttpResponse:
    return JsonResponse({"error": problem.dict()}, status=status, headers=headers)


def _api_error(_: HttpRequest, error: Any) -> HttpResponse:
    return refusal(error.status, error.problem, error.headers)


def _http_error(_: HttpRequest, error: Any) -> HttpResponse:
    problem = Problem(
        code="bad_request", message=f"{error}.", remedy="The body must be JSON as the OpenAPI document tells."
    )
    return refusal(error.status_code, problem)


def _invalid(_: HttpRequest, error: Any) -> HttpResponse:
    told = [f"{_place(one['loc'])}: {one['msg']}" for one in error.errors[:PROBLEMS_TOLD]]
    problem = Problem(
        code="invalid_request",
        message="; ".join(told) + ".",
        remedy="Correct what is named; the OpenAPI document tells what each operation takes.",
    )
    return refusal(HTTPStatus.UNPROCESSABLE_ENTITY, problem)


def _place(location: tuple[str | int, ...]) -> str:
    return ".".join(str(step) for step in location)


def _vendor_error(_: HttpRequest, error: Any) -> HttpResponse:
    problem = Problem(code="vendor_error", message=error.message, remedy=error.what_to_do)
    if isinstance(error, Retryable):
        return refusal(HTTPStatus.SERVICE_UNAVAILABLE, problem)
    return refusal(HTTPStatus.BAD_GATEWAY, problem)
