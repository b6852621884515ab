"""Email campaigns, what they came to, and how much of each is synced."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Final, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from syncline.accounts.campaign_levels import CampaignLevel
from syncline.accounts.changing import set_campaign_level
from syncline.accounts.rights import Right
from syncline.api.body import Body
from syncline.api.errors import ApiError, answers
from syncline.api.finding import account_of, campaign_of
from syncline.api.guard import ApiRequest, actor_of, needs
from syncline.api.paging import TEXT, Page, Paging, page
from syncline.campaigns.days import Course, course_of
from syncline.campaigns.finding import CampaignSearch, Which, campaigns_of
from syncline.campaigns.levels import UnknownCampaignsError, set_levels
from syncline.campaigns.models import Campaign, DayKind
from syncline.campaigns.totals import Rate, Totals, rates_of, totals_of
from syncline.syncs.campaigns.states import DataSetState, State, states_of

router = Router(tags=["Email campaigns"])

MOST_CAMPAIGNS: Final = 1000
Level = Literal["none", "summary", "detailed"]


class TotalFacts(Schema):
    """Of a campaign's life, as Dotdigital counts. Money is in the currency of the Dotdigital account."""

    sent: int
    delivered: int
    opens: int
    unique_opens: int
    clicks: int
    unique_clicks: int
    replies: int
    forwards: int
    page_views: int
    unsubscribes: int
    hard_bounces: int
    soft_bounces: int
    mail_blocks: int
    complaints: int
    orders: int
    assisted_orders: int
    revenue: float
    assisted_revenue: float


class RateFacts(Schema):
    """A share, and what of."""

    code: str = Field(examples=["opened"])
    percent: float | None = Field(description="0 to 100, two decimals; null where it is a share of nothing.")
    number: int
    of: int
    meaning: str


class CampaignFacts(Schema):
    """An email campaign, as the last sync of Email campaigns has read it."""

    id: int = Field(description="Dotdigital's number of it.", examples=[41])
    name: str = Field(examples=["Spring collection"])
    subject: str
    status: str = Field(description="As Dotdigital tells it.", examples=["Sent"])
    level: CampaignLevel = Field(description="How much of it is synced.")
    own_level: CampaignLevel | None = Field(description="Null: the account's level holds.")
    sent_at: datetime | None = Field(description="When it was first sent.")
    synced_at: datetime | None
    deleted: bool = Field(description="In Dotdigital; what Dynamics was told stays there.")
    problem: str = Field(description="What its last sync could not do; empty where all went well.")
    totals: TotalFacts | None = Field(description="Null before it was first sent.")
    rates: list[RateFacts]


class DataSetFacts(Schema):
    """One of the five sets of data about what people did."""

    name: str = Field(examples=["EmailClicks"])
    state: State = Field(description="off: not synced at the campaign's level; waiting: for the next run.")
    read_to: datetime | None = Field(description="Up to when it is carried over, by Dotdigital's clock.")
    rows: int = Field(description="How many Dynamics has been given.")
    message: str = Field(description="Where it failed; else empty.")
    why: str
    remedy: str


class StretchFacts(Schema):
    """What happened on one day, or in one week or month where the days are too many."""

    start: date
    sent: int
    opened: int = Field(description="For the first time.")
    clicked: int
    viewed: int


class CourseFacts(Schema):
    """How it went over time, of what was carried over in detail; without a gap."""

    unit: Literal["day", "week", "month"]
    stretches: list[StretchFacts]


class OneCampaignFacts(CampaignFacts):
    """An email campaign, how far it is carried over, and how it went over time."""

    data_sets: list[DataSetFacts]
    course: CourseFacts


class CampaignQuestion(Paging):
    show: Literal["all", "sent", "problem"] = Field("all", description="Only those sent, or with a problem.")
    name: str = Field("", max_length=255, pattern=TEXT, description="A part of its name or subject.")
    level: CampaignLevel | None = Field(None, description="Only those of which that much is synced.")


class NewLevels(Body):
    """Which campaigns get which level."""

    campaigns: list[Annotated[int, Field(ge=1, lt=2**63)]] = Field(
        min_length=1, max_length=MOST_CAMPAIGNS, description="Ids of campaigns.", examples=[[41, 42]]
    )
    level: Literal["none", "summary", "detailed", "account"] = Field(
        description="`account`: no level of their own; the account's holds."
    )


class ChangedLevels(Schema):
    changed: int = Field(description="How many had another level before.")


class AccountLevel(Body):
    """How much is synced of campaigns without a level of their own."""

    level: Level


@router.get(
    "/accounts/{int:account_id}/campaigns",
    auth=needs(Right.SEE),
    response=answers(Page[CampaignFacts], refusals=(422,)),
)
def list_campaigns(
    request: HttpRequest, account_id: int, search: Query[CampaignQuestion]
) -> dict[str, object]:
    """The account's email campaigns, in the order in which a sync first saw them."""
    wanted = CampaignSearch(Which(search.show), search.name.strip(), search.level)
    rows = campaigns_of(account_of(account_id), wanted).filter(pk__gt=search.start)
    return page(rows.order_by("pk")[: search.limit + 1], search.limit, campaign_facts)


@router.get(
    "/accounts/{int:account_id}/campaigns/{int:campaign_id}",
    auth=needs(Right.SEE),
    response=answers(OneCampaignFacts),
)
def get_campaign(request: HttpRequest, account_id: int, campaign_id: int) -> OneCampaignFacts:
    """One email campaign."""
    one = campaign_of(account_of(account_id), campaign_id)
    return OneCampaignFacts(
        **campaign_facts(one).dict(),
        data_sets=[data_set_facts(state) for state in states_of(one)],
        course=course_facts(course_of(one)),
    )


@router.post(
    "/accounts/{int:account_id}/campaigns/levels",
    auth=needs(Right.ADMINISTER),
    response=answers(ChangedLevels, refusals=(400, 422)),
)
def set_campaign_levels(request: ApiRequest, account_id: int, body: NewLevels) -> ChangedLevels:
    """Say how much is synced of single campaigns, from the next sync on. All of them or none."""
    level = None if body.level == "account" else CampaignLevel(body.level)
    try:
        changed = set_levels(account_of(account_id), body.campaigns, level, by=actor_of(request))
    except UnknownCampaignsError as error:
        raise ApiError(HTTPStatus.NOT_FOUND, "no_such_campaign", str(error), error.what_to_do) from error
    return ChangedLevels(changed=changed)


@router.post(
    "/accounts/{int:account_id}/campaign-level",
    auth=needs(Right.ADMINISTER),
    response=answers(ChangedLevels, refusals=(400, 422)),
)
def set_account_campaign_level(request: ApiRequest, account_id: int, body: AccountLevel) -> ChangedLevels:
    """Say how much is synced of campaigns without a level of their own, from the next sync on."""
    account = account_of(account_id)
    before = account.campaign_level
    set_campaign_level(account, CampaignLevel(body.level), by=actor_of(request))
    return ChangedLevels(changed=int(before != body.level))


def campaign_facts(one: Campaign) -> CampaignFacts:
    totals = totals_of(one.totals)
    return CampaignFacts(
        id=one.campaign_id,
        name=one.name,
        subject=one.header.get("syncline_subject") or "",
        status=one.header.get("syncline_campaignstatus") or "",
        level=one.level_in_force,
        own_level=CampaignLevel(one.level) if one.level else None,
        sent_at=one.sent_at,
        synced_at=one.synced_at,
        deleted=one.deleted,
        problem=one.problem,
        totals=total_facts(totals) if totals else None,
        rates=[rate_facts(rate) for rate in rates_of(totals)] if totals else [],
    )


def total_facts(totals: Totals) -> TotalFacts:
    return TotalFacts(**asdict(totals))


def rate_facts(rate: Rate) -> RateFacts:
    percent = None if rate.percent is None else round(rate.percent, 2)
    return RateFacts(code=rate.code, percent=percent, number=rate.number, of=rate.of, meaning=rate.meaning)


def data_set_facts(one: DataSetState) -> DataSetFacts:
    return DataSetFacts(**{name: getattr(one, name) for name in DataSetFacts.model_fields})


def course_facts(course: Course) -> CourseFacts:
    return CourseFacts(
        unit=course.unit,
        stretches=[
            StretchFacts(start=one.start, **{kind.value: one.numbers[kind] for kind in DayKind})
            for one in course.stretches
        ],
    )
