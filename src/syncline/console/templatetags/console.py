"""What the console's templates need beyond Django's own tags: icons, moments, badges, numbers."""

from datetime import datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from syncline.console import moments
from syncline.console.badges import badge_of
from syncline.console.list_rows import audience_parts
from syncline.console.rights import Right, may
from syncline.console.week_grid import open_stretches
from syncline.lists.audience import Audience

register = template.Library()


@register.simple_tag
def icon(name: str, style: str = "") -> SafeString:
    """An icon of the sprite; always beside words, so it is hidden from screen readers."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        style,
        static("console/vendor/icons.svg"),
        name,
    )


@register.simple_tag
def moment(at: datetime | None, zone: str, otherwise: str = "Never") -> SafeString:
    """A `<time>` with the distance from now and the clock in the account's zone."""
    if at is None:
        return format_html('<span class="nothing">{}</span>', otherwise)
    told = moments.tell(at, zone)
    relative = format_html('<span class="when-relative">{}</span> ', told.relative) if told.relative else ""
    return format_html(
        '<time class="when" datetime="{}" title="{}">{}<span class="when-clock">{}</span></time>',
        told.iso,
        told.full,
        relative,
        told.clock,
    )


@register.simple_tag
def clock_at(at: datetime, zone: str) -> SafeString:
    """A `<time>` within a sentence: the clock in the account's zone, without the distance from now."""
    told = moments.tell(at, zone)
    return format_html('<time datetime="{}" title="{}">{}</time>', told.iso, told.full, told.clock)


@register.simple_tag
def lasted(start: datetime | None, end: datetime | None) -> str:
    return moments.duration((end - start).total_seconds()) if start and end else ""


@register.simple_tag
def badge(code: str) -> SafeString:
    """A status, outcome or state: icon and words, and a colour that only repeats them."""
    shown = badge_of(code)
    return format_html(
        '<span class="badge badge-{}">{}<span>{}</span></span>', shown.tone, icon(shown.icon), shown.words
    )


@register.filter
def grouped(number: int | None) -> str:
    """A whole number with thousands separated, as in 1,204."""
    return "" if number is None else f"{number:,}"


@register.filter
def percent(share: float | None) -> str:
    """0 to 100 with one decimal, as in 34.2 %; a dash where there is nothing to be a share of."""
    return "–" if share is None else f"{share:.1f} %"


@register.filter
def amount(sum_of_money: float) -> str:
    """With two decimals, as in 2,310.50; the page says in which currency."""
    return f"{sum_of_money:,.2f}"


@register.filter
def unlocalised(number: float) -> str:
    """For a drawing, where a number has a point whatever the language."""
    return f"{number:g}"


@register.filter
def clock(at: datetime) -> str:
    """The time of day as it stands, without Django's move into its own zone."""
    return f"{at:%H:%M}"


@register.simple_tag
def week_strip(hours: str) -> SafeString:
    """A small picture of a week's open hours, a line a day, with the sum in words beside it."""
    boxes = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="4" rx="1"></rect>',
        ((start * 4, day * 6, length * 4) for day, start, length in open_stretches(hours)),
    )
    return format_html(
        '<span class="week-strip"><svg viewBox="0 0 96 40" aria-hidden="true" focusable="false">{}</svg>'
        "<span>{} hours a week</span></span>",
        boxes,
        hours.count("1"),
    )


@register.simple_tag
def audience_bar(audience: Audience) -> SafeString:
    """The parts of an audience as one bar; the words stand beside it."""
    pieces = format_html_join(
        "",
        '<rect class="part-{}" x="{}" width="{}" y="0" height="8"></rect>',
        ((part.name, part.start, part.share) for part in audience_parts(audience) if part.number),
    )
    return format_html(
        '<svg class="audience-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" '
        'focusable="false">{}</svg>',
        pieces,
    )


@register.simple_tag(takes_context=True)
def allowed(context: dict[str, Any], right: str) -> bool:
    """Whether the person looking has the right named as in `rights.Right` (`ADMINISTER`, say)."""
    return may(context["request"].user, Right[right])


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: object) -> str:
    """The page's own query string with some parameters changed; None removes one."""
    parameters = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None:
            parameters.pop(name, None)
        else:
            parameters[name] = str(value)
    return f"?{parameters.urlencode()}"
