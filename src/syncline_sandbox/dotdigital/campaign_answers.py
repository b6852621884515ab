"""Campaigns and their figures as v2 shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from syncline_sandbox.dotdigital import activity
from syncline_sandbox.dotdigital.campaigns import Campaign
from syncline_sandbox.dotdigital.figures import Figures, Part
from syncline_sandbox.dotdigital.moments import iso
from syncline_sandbox.dotdigital.vocabulary import EMPTY_DATE

# Summary's counters: the name between "num" and "numText" or "numTotal", and what is counted.
_COUNTED = {
    "Opens": activity.OPEN,
    "Clicks": activity.CLICK,
    "PageViews": activity.PAGE_VIEW,
    "Forwards": activity.FORWARD,
    "EstimatedForwards": activity.ESTIMATED_FORWARD,
    "Replies": activity.REPLY,
    "HardBounces": activity.HARD_BOUNCE,
    "SoftBounces": activity.SOFT_BOUNCE,
    "Unsubscribes": activity.UNSUBSCRIBE,
    "IspComplaints": activity.COMPLAINT,
    "MailBlocks": activity.MAIL_BLOCK,
    "Sent": "sent",
}


def campaign_v2(campaign: Campaign, addresses: Mapping[int, str], *, content: bool) -> dict[str, Any]:
    """The shape that all calls share; lists leave the content null."""
    return {
        "id": campaign.id,
        "name": campaign.name,
        "subject": campaign.subject,
        "fromName": campaign.from_name,
        "fromAddress": {"id": campaign.from_address, "email": addresses.get(campaign.from_address)},
        "htmlContent": campaign.html if content else None,
        "plainTextContent": campaign.plain if content else None,
        "replyAction": campaign.reply_action,
        "replyToAddress": campaign.reply_to,
        "isSplitTest": campaign.split_test is not None,
        "status": campaign.status,
        "customReplyToAddress": campaign.custom_reply_to,
    }


def filtered_v2(campaign: Campaign, addresses: Mapping[int, str]) -> dict[str, Any]:
    return campaign_v2(campaign, addresses, content=False) | {
        "type": campaign.type,
        "tags": campaign.tag_names,
        "sentDate": moment(campaign.last_sent, None),
        "scheduledDate": moment(campaign.scheduled, None),
    }


def details_v2(campaign: Campaign, addresses: Mapping[int, str], *, content: bool) -> dict[str, Any]:
    split = msgspec.json.decode(campaign.split_test) if campaign.split_test else {}
    return campaign_v2(campaign, addresses, content=content) | {
        "type": campaign.type,
        "tags": [{"name": name} for name in campaign.tag_names],
        "splitTestOptions": split.get("options", []),
        "sentDate": moment(campaign.last_sent),
    }


def moment(milliseconds: int | None, empty: str | None = EMPTY_DATE) -> str | None:
    return empty if milliseconds is None else iso(milliseconds)


def summary_v2(campaign: Campaign, figures: Figures, currency: str) -> dict[str, Any]:
    html, text, total = figures.html, figures.text, figures.total
    answer: dict[str, Any] = {
        "dateSent": moment(campaign.last_sent),
        "numUniqueOpens": html.unique_opens,
        "numUniqueTextOpens": text.unique_opens,
        "numTotalUniqueOpens": total.unique_opens,
        "numDelivered": html.delivered,
        "numTextDelivered": text.delivered,
        "numTotalDelivered": total.delivered,
        "numRecipientsClicked": total.unique_clicks,
    }
    for name, kind in _COUNTED.items():
        answer |= {f"num{name}": html[kind], f"numText{name}": text[kind], f"numTotal{name}": total[kind]}
    # The one counter that has no total.
    del answer["numTotalForwards"]
    return answer | _shares(total) | _earnings(figures, currency)


def _shares(total: Part) -> dict[str, float]:
    """Parts of one, of what was sent or of what was delivered, as in the vendor's example."""
    delivered = total.delivered
    return {
        "percentageDelivered": _share(delivered, total.sent),
        "percentageUniqueOpens": _share(total.unique_opens, delivered),
        "percentageOpens": _share(total[activity.OPEN], delivered),
        "percentageUnsubscribes": _share(total[activity.UNSUBSCRIBE], delivered),
        "percentageReplies": _share(total[activity.REPLY], delivered),
        "percentageHardBounces": _share(total[activity.HARD_BOUNCE], total.sent),
        "percentageSoftBounces": _share(total[activity.SOFT_BOUNCE], delivered),
        "percentageUsersClicked": _share(total.unique_clicks, delivered),
        "percentageClicksToOpens": _share(total[activity.CLICK], total[activity.OPEN]),
    }


def _earnings(figures: Figures, currency: str) -> dict[str, Any]:
    return {
        "revenue": f"{currency}{figures.revenue:,.2f}",
        "assistedRevenue": f"{currency}{figures.assisted_revenue:,.2f}",
        "numOrders": figures.orders,
        "numAssistedOrders": figures.assisted_orders,
        "conversionRate": conversion_rate(figures.orders, figures.total.unique_clicks),
    }


def conversion_rate(orders: int, unique_clicks: int) -> float:
    """Orders of a hundred people who clicked."""
    return 100 * _share(orders, unique_clicks)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def metrics_v2(campaign: Campaign, figures: Figures, addresses: Mapping[int, str]) -> dict[str, Any]:
    """One row of GET campaigns/metrics; percentages are of a hundred here."""
    total, shares = figures.total, _shares(figures.total)
    percent = {name: 100 * share for name, share in shares.items()}
    return {
        "campaignId": campaign.id,
        "campaignName": campaign.name,
        "campaignType": campaign.type,
        "tags": campaign.tag_names,
        "subjectLine": campaign.subject,
        "fromName": campaign.from_name,
        "fromAddress": addresses.get(campaign.from_address),
        "isSplitTest": campaign.split_test is not None,
        "dateSent": moment(campaign.first_sent),
        "lastDateSent": moment(campaign.last_sent),
        "sent": total.sent,
        "delivered": total.delivered,
        "opens": total[activity.OPEN],
        "uniqueOpens": total.unique_opens,
        "clicks": total[activity.CLICK],
        "uniqueClicks": total.unique_clicks,
        "replies": total[activity.REPLY],
        "hardBounces": total[activity.HARD_BOUNCE],
        "softBounces": total[activity.SOFT_BOUNCE],
        "unsubscribes": total[activity.UNSUBSCRIBE],
        "forwards": total[activity.FORWARD],
        "sendStatusFails": 0,
        "mailBlocks": total[activity.MAIL_BLOCK],
        "complaints": total[activity.COMPLAINT],
        "pageViews": total[activity.PAGE_VIEW],
        "percentageDelivered": percent["percentageDelivered"],
        "percentageUniqueOpens": percent["percentageUniqueOpens"],
        "percentageHardBounces": percent["percentageHardBounces"],
        "percentageSoftBounces": percent["percentageSoftBounces"],
        "percentageReplies": percent["percentageReplies"],
        "percentageUnsubscribes": percent["percentageUnsubscribes"],
        "percentageUniqueClicks": 100 * _share(total.unique_clicks, total[activity.CLICK]),
        "percentageUniqueClicksToOpens": 100 * min(1.0, _share(total.unique_clicks, total.unique_opens)),
        "revenue": figures.revenue,
        "assistedRevenue": figures.assisted_revenue,
        "conversionRate": conversion_rate(figures.orders, total.unique_clicks),
        "orders": figures.orders,
        "assistedOrders": figures.assisted_orders,
    }
