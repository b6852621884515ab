"""What every call passes before its handler: region, log-in, rate limit, and errors made into answers."""

from __future__ import annotations

import base64
import binascii
import logging
import re
import secrets
from collections.abc import Callable

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.errors import ApiError, V2Error, V3Error, json_response
from syncline_sandbox.dotdigital.rates import RateLimits, Tier
from syncline_sandbox.dotdigital.vocabulary import API_PASSWORD, API_USER

_REGION_HOST = re.compile(r"(r[123])-api\.", re.IGNORECASE)
# What a web server answers before the API sees the call; not JSON, and a client has to live with that.
_FORBIDDEN_PAGE = (
    "<!DOCTYPE html><html><head><title>403 - Forbidden: Access is denied.</title></head>"
    "<body><h2>403 - Forbidden: Access is denied.</h2></body></html>"
)


def is_v2(request: web.Request) -> bool:
    return request.path.startswith("/v2/")


def gate(
    account: Account, catch_up: Callable[[], None], rates: RateLimits, tiers: dict[str, Tier]
) -> Middleware:
    """The middleware; ``catch_up`` does all whose moment has come, ``tiers`` maps route labels to tiers."""

    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        if is_wrong_region(account, request):
            return forbidden()
        if not _logged_in(request) or account.settings.account_disabled:
            return unauthorized(request)
        refusal, headers = rates.admit(tiers.get(request["route_label"], Tier.MEDIUM))
        if refusal is not None:
            refusal.headers.update(headers)
            return refusal
        response = await _with_errors(account, catch_up, request, handler)
        response.headers.update(headers)
        return response

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await answer(request, handler)

    return middleware


async def _with_errors(
    account: Account, catch_up: Callable[[], None], request: web.Request, handler: Handler
) -> web.StreamResponse:
    limit = account.settings.max_body_bytes
    try:
        if limit is not None and (request.content_length or 0) > limit:
            return web.Response(status=413)
        if not request.content_type.startswith("multipart/"):
            # From here on the body is at hand and nothing waits any more, so each call is carried out as a
            # whole.
            await request.read()
        catch_up()
        return await handler(request)
    except V3Error as error:
        return _of_service(request, error).response()
    except ApiError as error:
        return error.response()
    except web.HTTPRequestEntityTooLarge:
        return web.Response(status=413)
    except msgspec.ValidationError as error:
        return _of_service(request, V3Error("contacts:badRequest", str(error))).response()
    except web.HTTPException as error:
        if is_v2(request):
            return json_response({"message": error.reason}, error.status)
        return web.Response(status=error.status)
    except Exception:
        # A defect of the sandbox: told on standard error, answered as the vendor would answer one of its own.
        logging.getLogger(__name__).exception("%s %s failed", request.method, request.raw_path)
        if is_v2(request):
            return V2Error("ERROR_UNKNOWN", 500).response()
        return web.Response(status=500)


def _of_service(request: web.Request, error: V3Error) -> V3Error:
    """What services share is written as the contacts' error, and bears the name of the one that was asked."""
    return error.told_by("insightData") if request.path.startswith("/insightData/") else error


def is_wrong_region(account: Account, request: web.Request) -> bool:
    """Whether the host spoken to serves another region; r1 answers account-info for all of them."""
    named = _REGION_HOST.match(request.headers.get("Host", ""))
    host_region = named[1].lower() if named else account.settings.host_region
    if host_region == account.settings.account_region:
        return False
    return not (host_region == "r1" and request.path == "/v2/account-info")


def forbidden() -> web.Response:
    return web.Response(text=_FORBIDDEN_PAGE, status=403, content_type="text/html")


def unauthorized(request: web.Request) -> web.Response:
    challenge = {"WWW-Authenticate": 'Basic realm="Dotdigital"'}
    if not is_v2(request):
        return web.Response(status=401, headers=challenge)
    response = V2Error("ERROR_INVALID_LOGIN", 401).response()
    response.headers.update(challenge)
    return response


def _logged_in(request: web.Request) -> bool:
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        user, colon, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return False
    return (
        bool(colon)
        and user.strip().lower() == API_USER
        and secrets.compare_digest(password.encode(), API_PASSWORD.encode())
    )
