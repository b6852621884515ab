"""Making campaigns and sending them (v2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiohttp import web

from syncline_sandbox.dotdigital import campaigns, contacts, lists, sendings
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.campaign_answers import campaign_v2
from syncline_sandbox.dotdigital.campaigns import Campaign
from syncline_sandbox.dotdigital.course import HOUR, Course
from syncline_sandbox.dotdigital.errors import V2Error, json_response
from syncline_sandbox.dotdigital.moments import iso, read_iso
from syncline_sandbox.dotdigital.rates import Tier
from syncline_sandbox.dotdigital.routes.v2_campaigns import ONE, PATH, campaign_from
from syncline_sandbox.dotdigital.routing import Route, Services, v2_object
from syncline_sandbox.dotdigital.sendings import Sending
from syncline_sandbox.dotdigital.storage import Transaction
from syncline_sandbox.dotdigital.vocabulary import (
    CAMPAIGN_TYPES,
    DEFAULT_FROM_ADDRESS,
    MAX_CAMPAIGN_NAME_CHARACTERS,
    REPLY_ACTIONS,
    SPLIT_TEST_METRICS,
)

SENDABLE = (campaigns.UNSENT, campaigns.SENT, campaigns.TRIGGERED_STATUS)
# "The most appropriate time based upon previous opens" is the same for everybody here.
OPTIMISED_DELAY_MS = 4 * HOUR


def routes(services: Services) -> Iterator[Route]:
    yield from _sending(services)
    yield from _writing(services)


def _sending(services: Services) -> Iterator[Route]:
    account = services.account

    def start(campaign: Campaign, body: dict[str, Any], *, optimised: bool) -> Sending:
        list_ids, contact_ids = _ids(body, "addressbookids"), _ids(body, "contactids")
        _check_recipients(account, list_ids, contact_ids)
        now = account.now_ms()
        wanted = _moment(body.get("senddate"), now)
        later = wanted > now and not optimised
        status = sendings.NOT_SENT if optimised else sendings.SCHEDULED if later else sendings.SENDING
        delay = OPTIMISED_DELAY_MS if optimised else 0 if later else int(account.settings.send_delay_s * 1000)
        plan = Course() if account.settings.people_react else None
        with Transaction(account.connection):
            sending = sendings.start(
                account,
                campaign.id,
                wanted if later else now,
                status,
                list_ids,
                contact_ids,
                plan,
                delay_ms=delay,
            )
            if later:
                campaigns.change(account, campaign.id, scheduled=wanted, updated=now)
            elif campaign.type != campaigns.TRIGGERED and not optimised:
                campaigns.change(account, campaign.id, status=campaigns.SENDING, updated=now)
        services.happenings.reload()
        return sending

    async def send(request: web.Request) -> web.Response:
        body = await v2_object(request)
        campaign = _campaign_to_send(account, body)
        options = _split_options(body.get("splittestoptions"))
        optimised = request.path.endswith("-optimised")
        sending = start(campaign, body, optimised=optimised)
        shown = _shown(sending, options)
        shown["addressBookIds"] = _ids(body, "addressbookids") or None
        shown["contactIds"] = _ids(body, "contactids") or None
        return json_response(shown, 202)

    async def status(request: web.Request) -> web.Response:
        sending = sendings.find(account, request.match_info["sendId"])
        if sending is None:
            raise V2Error("ERROR_CAMPAIGN_SEND_NOT_FOUND", 404)
        return json_response(_shown(sending, None))

    yield Route("POST", PATH + "/send", Tier.UNLIMITED, send)
    yield Route("POST", PATH + "/send-time-optimised", Tier.UNLIMITED, send)
    yield Route("GET", PATH + "/send/{sendId}", Tier.UNLIMITED, status)


def _writing(services: Services) -> Iterator[Route]:
    account = services.account

    def shown(campaign: Campaign) -> dict[str, Any]:
        return campaign_v2(campaign, campaigns.from_addresses(account), content=True)

    async def create(request: web.Request) -> web.Response:
        body = await v2_object(request)
        # Anything but the two known words makes a standard campaign.
        kind = next((word for word in CAMPAIGN_TYPES if word == body.get("type")), campaigns.STANDARD)
        status = campaigns.TRIGGERED_STATUS if kind == campaigns.TRIGGERED else campaigns.UNSENT
        with Transaction(account.connection):
            values = _content(account, body)
            made = campaigns.create(account, account.now_ms(), **values, type=kind, status=status, tags="[]")
        return json_response(shown(made) | {"type": kind}, 201)

    async def change(request: web.Request) -> web.Response:
        campaign = campaign_from(services, request)
        if campaign.status not in (campaigns.UNSENT, campaigns.TRIGGERED_STATUS):
            raise V2Error("ERROR_CAMPAIGN_READONLY")
        body = await v2_object(request)
        with Transaction(account.connection):
            campaigns.change(account, campaign.id, **_content(account, body), updated=account.now_ms())
        return json_response(shown(campaigns.find(account, campaign.id)))

    async def copy(request: web.Request) -> web.Response:
        of = campaign_from(services, request)
        status = campaigns.TRIGGERED_STATUS if of.type == campaigns.TRIGGERED else campaigns.UNSENT
        with Transaction(account.connection):
            made = campaigns.create(
                account,
                account.now_ms(),
                name=f"Copy of {of.name}"[:MAX_CAMPAIGN_NAME_CHARACTERS],
                subject=of.subject,
                from_name=of.from_name,
                from_address=of.from_address,
                html=of.html,
                plain=of.plain,
                reply_action=of.reply_action,
                reply_to=of.reply_to,
                custom_reply_to=of.custom_reply_to,
                type=of.type,
                status=status,
                tags=of.tags,
                split_test=of.split_test,
            )
        return json_response(shown(made), 201)

    yield Route("POST", PATH, Tier.MEDIUM, create)
    yield Route("PUT", ONE, Tier.MEDIUM, change)
    yield Route("POST", ONE + "/copy", Tier.MEDIUM, copy)


def _campaign_to_send(account: Account, body: dict[str, Any]) -> Campaign:
    campaign_id = body.get("campaignid")
    if type(campaign_id) is not int:
        raise V2Error("ERROR_CAMPAIGN_SEND_INVALID")
    campaign = campaigns.find(account, campaign_id)
    if campaign.status not in SENDABLE:
        raise V2Error("ERROR_CAMPAIGN_SENDNOTPERMITTED")
    return campaign


def _check_recipients(account: Account, list_ids: list[int], contact_ids: list[int]) -> None:
    """Raises ERROR_CAMPAIGN_SEND_INVALID for who or what does not exist, ERROR_SEND_LIMITEXCEEDED."""
    try:
        for list_id in list_ids:
            lists.find(account, list_id, segments=True)
    except V2Error as error:
        raise V2Error("ERROR_CAMPAIGN_SEND_INVALID") from error
    known = {who.id for who in contacts.many_by_id(account.connection, contact_ids)}
    if known != set(contact_ids):
        raise V2Error("ERROR_CAMPAIGN_SEND_INVALID")
    if len(sendings.recipients(account, list_ids, contact_ids)) > account.settings.send_credits:
        raise V2Error("ERROR_SEND_LIMITEXCEEDED")


def _ids(body: dict[str, Any], name: str) -> list[int]:
    ids = body.get(name) or []
    if not isinstance(ids, list) or not all(type(number) is int and abs(number) < 2**31 for number in ids):
        raise V2Error("ERROR_CAMPAIGN_SEND_INVALID")
    return ids


def _moment(text: Any, now: int) -> int:
    if text is None:
        return now
    try:
        return read_iso(str(text))
    except (ValueError, OverflowError) as error:
        raise V2Error("ERROR_CAMPAIGN_SEND_INVALID") from error


def _split_options(given: Any) -> dict[str, Any] | None:
    if given is None:
        return None
    if not isinstance(given, dict):
        raise V2Error("ERROR_CAMPAIGN_SEND_INVALID")
    metric, share, hours = (given.get(name) for name in ("testmetric", "testpercentage", "testperiodhours"))
    if metric not in SPLIT_TEST_METRICS or not isinstance(share, int) or not isinstance(hours, int):
        raise V2Error("ERROR_CAMPAIGN_SEND_INVALID")
    if not 1 <= share <= 100 or hours < 1:
        raise V2Error("ERROR_CAMPAIGN_SEND_INVALID")
    return {"testMetric": metric, "testPercentage": share, "testPeriodHours": hours}


def _shown(sending: Sending, options: dict[str, Any] | None) -> dict[str, Any]:
    """Looking at a send later does not tell whom it went to."""
    return {
        "id": sending.id,
        "campaignId": sending.campaign_id,
        "addressBookIds": None,
        "contactIds": None,
        "sendDate": iso(sending.send_date),
        "splitTestOptions": options,
        "status": sending.status,
    }


def _content(account: Account, body: dict[str, Any]) -> dict[str, Any]:
    """Columns from a body of create or update. Raises ERROR_CAMPAIGN_INVALID."""
    texts = {column: body.get(name) for column, name in _REQUIRED.items()}
    if not all(isinstance(text, str) and text.strip() for text in texts.values()):
        raise V2Error("ERROR_CAMPAIGN_INVALID")
    action = body.get("replyaction") or "Unset"
    if action not in REPLY_ACTIONS or len(str(texts["name"])) > MAX_CAMPAIGN_NAME_CHARACTERS:
        raise V2Error("ERROR_CAMPAIGN_INVALID")
    return texts | {
        "from_address": _from_address(account, body.get("fromaddress")),
        "reply_action": action,
        "reply_to": _text(body.get("replytoaddress")),
        "custom_reply_to": _text(body.get("customreplytoaddress")),
    }


_REQUIRED = {
    "name": "name",
    "subject": "subject",
    "from_name": "fromname",
    "html": "htmlcontent",
    "plain": "plaintextcontent",
}


def _from_address(account: Account, given: Any) -> int:
    """A registered address by id or by name; without one the account's own."""
    known = campaigns.from_addresses(account)
    wanted = given if isinstance(given, dict) else {}
    for number, email in known.items():
        if wanted.get("id") == number or str(wanted.get("email") or "").lower() == email.lower():
            return number
    if wanted.get("id") or wanted.get("email"):
        raise V2Error("ERROR_CAMPAIGN_INVALID")
    return campaigns.from_address(account, DEFAULT_FROM_ADDRESS)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
