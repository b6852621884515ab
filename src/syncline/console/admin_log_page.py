"""Admin log: who changed what, when, from where, before and after; of all accounts together."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from syncline.accounts.admin_log import find_changes
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.console.paging import key_page
from syncline.console.preview_cells import shown
from syncline.console.record_pages import FieldChange, number_in
from syncline.console.rights import Right, needs

ENTRIES_A_PAGE: Final = 50
LATEST_DAY: Final = date(9999, 12, 30)


@dataclass(frozen=True)
class EntryRow:
    """One line of the table."""

    entry: AdminLogEntry
    what: str
    changes: list[FieldChange]

    @property
    def pk(self) -> int:
        return self.entry.pk

    @property
    def zone(self) -> str:
        """What concerns the whole installation is told in UTC."""
        return self.entry.account.time_zone if self.entry.account else "UTC"


@needs(Right.ADMINISTER)
def admin_log(request: HttpRequest) -> HttpResponse:
    wanted, who = number_in(request.GET.get("account", "")), request.GET.get("who", "").strip()[:320]
    since, up_to = (_day_in(request.GET.get(name, "")) for name in ("since", "up_to"))
    after, before = (number_in(request.GET.get(name, "")) for name in ("after", "before"))
    entries = find_changes(
        account_id=wanted,
        who=who,
        at_from=_midnight(since) if since else None,
        at_before=_midnight(up_to + timedelta(days=1)) if up_to else None,
    )
    entries = entries.filter(pk__gt=before).order_by("pk") if before else entries.order_by("-pk")
    if after and not before:
        entries = entries.filter(pk__lt=after)
    rows = [_row(entry) for entry in entries.select_related("account")[: ENTRIES_A_PAGE + 1]]
    context = {
        "page": "admin-log",
        "accounts": EmailAccount.objects.order_by("name"),
        "wanted": wanted,
        "who": who,
        "since": since.isoformat() if since else "",
        "up_to": up_to.isoformat() if up_to else "",
        "is_filtered": bool(wanted or who or since or up_to),
        "rows": key_page(rows, ENTRIES_A_PAGE, after=after, before=before),
    }
    return render(request, "console/admin_log.html", context)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC)


def _day_in(text: str) -> date | None:
    """What is no day counts as not given."""
    try:
        return min(date.fromisoformat(text), LATEST_DAY)
    except ValueError:
        return None


def _row(entry: AdminLogEntry) -> EntryRow:
    # In order of names: the databases give them back in an order of their own.
    names = sorted({*entry.before, *entry.after})
    changes = [
        FieldChange(name.replace("_", " "), _shown(entry.before, name), _shown(entry.after, name))
        for name in names
    ]
    return EntryRow(entry, entry.action[:1].upper() + entry.action[1:], changes)


def _shown(values: Mapping[str, Any], name: str) -> str:
    """The value in words; empty where there was none on this side."""
    match values.get(name):
        case dict(value):
            return ", ".join(
                f"{name} {_shown(value, name)}" for name in sorted(value) if value[name] is not None
            )
        case list(value):
            return json.dumps(value, ensure_ascii=False)
        case value:
            return shown(value)
