"""Control routes of the Dotdigital sandbox: what people do with their mail, and looking behind the API."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from aiohttp import web

from syncline_sandbox.control import CONTROL_PREFIX, ControlError, json_answer, json_body
from syncline_sandbox.dotdigital import campaigns, forms, suppressing
from syncline_sandbox.dotdigital import contacts as store
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.contacts import Contact
from syncline_sandbox.dotdigital.errors import V2Error
from syncline_sandbox.dotdigital.jobs import Jobs
from syncline_sandbox.dotdigital.statuses import PENDING, SUPPRESSION_REASONS, UNSUBSCRIBED
from syncline_sandbox.dotdigital.storage import Transaction
from syncline_sandbox.dotdigital.v3_answers import full_contact_v3
from syncline_sandbox.dotdigital.web_visits import PageView, record_views


def control_routes(app: web.Application, account: Account, jobs: Jobs, catch_up: Callable[[], None]) -> None:
    """``/contact`` looks, ``/confirm`` clicks, ``/suppress`` bounces, ``/finish-jobs`` hurries.

    ``/page-views`` browses. ``DELETE /campaigns/{id}`` and ``DELETE /forms/{id}`` do what somebody does in
    the web application.
    """

    def find(body: dict[str, object]) -> Contact:
        contact = store.by_email(account.connection, str(body.get("email", "")))
        if contact is None:
            raise ControlError(f"there is no contact with the address {body.get('email')!r}")
        return contact

    async def look(request: web.Request) -> web.Response:
        catch_up()
        contact = find(dict(request.query))
        return json_answer(full_contact_v3(account, contact))

    async def confirm(request: web.Request) -> web.Response:
        catch_up()
        contact = find(await json_body(request))
        if contact.status != PENDING:
            raise ControlError(f"{contact.email} has nothing to confirm: the status is {contact.status}")
        return json_answer(full_contact_v3(account, suppressing.confirm(account, contact)))

    async def suppress(request: web.Request) -> web.Response:
        catch_up()
        body = await json_body(request)
        reason = str(body.get("reason", UNSUBSCRIBED))
        if reason not in SUPPRESSION_REASONS:
            raise ControlError(f"reason is one of {', '.join(SUPPRESSION_REASONS)}, not {reason!r}")
        contact = suppressing.suppress(account, find(body), reason)
        return json_answer(full_contact_v3(account, contact))

    async def delete_campaign(request: web.Request) -> web.Response:
        catch_up()
        text = request.match_info["id"]
        try:
            with Transaction(account.connection):
                campaigns.delete(account, int(text) if text.isdecimal() else 0)
        except V2Error as error:
            raise ControlError(f"there is no campaign {text}") from error
        return json_answer({})

    async def page_views(request: web.Request) -> web.Response:
        catch_up()
        body = await json_body(request)
        try:
            entries = msgspec.convert(body.get("views"), list[PageView])
            return json_answer({"keys": record_views(account, entries)})
        except ValueError as error:
            raise ControlError(str(error)) from error

    async def delete_form(request: web.Request) -> web.Response:
        text = request.match_info["id"]
        try:
            with Transaction(account.connection):
                forms.delete(account, int(text) if text.isdecimal() else 0)
        except V2Error as error:
            raise ControlError(f"there is no form {text}") from error
        return json_answer({})

    async def finish_jobs(request: web.Request) -> web.Response:
        return json_answer({"finished": jobs.finish_now()})

    app.router.add_get(f"{CONTROL_PREFIX}/contact", look)
    app.router.add_post(f"{CONTROL_PREFIX}/confirm", confirm)
    app.router.add_post(f"{CONTROL_PREFIX}/suppress", suppress)
    app.router.add_post(f"{CONTROL_PREFIX}/page-views", page_views)
    app.router.add_delete(f"{CONTROL_PREFIX}/campaigns/{{id}}", delete_campaign)
    app.router.add_delete(f"{CONTROL_PREFIX}/forms/{{id}}", delete_form)
    app.router.add_post(f"{CONTROL_PREFIX}/finish-jobs", finish_jobs)
