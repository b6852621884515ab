"""The Data Mappings page: per table of Dynamics, which column goes to which label, and how."""

from dataclasses import fields

from django.core.paginator import Paginator
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from syncline.accounts.models import EmailAccount
from syncline.console.mapping_rows import SHOWN, MappingSearch, mapped_counts, mapping_rows, via_of
from syncline.console.rights import Right, may, needs, right_to_run
from syncline.console.schedule_rows import NOTHING, live_by_type
from syncline.mapping.models import CrmField, Entity

ROWS_A_PAGE = 50


@needs(Right.SEE)
def mappings(request: HttpRequest, account_id: int, entity: str) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    table = entity_or_404(entity)
    search = _search_in(request)
    rows = mapping_rows(account, table, search)
    counts = mapped_counts(account)
    paging = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "account": account,
        "tab": "mappings",
        "entity": table,
        "entities": [(one, counts[one.value]) for one in Entity],
        "search": search,
        "shown": SHOWN.items(),
        "via": via_of(account, table, search.through, search.table) if search.through else None,
        "rows": paging.object_list,
        "broken": sum(bool(row.problem) for row in rows),
        "paging": paging,
        "live": live_by_type(account).get("crm_metadata", NOTHING),
        "may_run": may(request.user, right_to_run("crm_metadata")),
        "refreshed_at": _refreshed_at(account, search.table or table.value),
    }
    if request.headers.get("HX-Request"):
        return render(request, "console/account/mappings_card.html", context)
    return render(request, "console/account/mappings.html", context)


def entity_or_404(key: str) -> Entity:
    if key not in Entity.values:
        raise Http404(f"{key} is no table that is synchronised")
    return Entity(key)


def _search_in(request: HttpRequest) -> MappingSearch:
    sent = {field.name: request.GET.get(field.name, "").strip() for field in fields(MappingSearch)}
    sent["show"] = sent["show"] if sent["show"] in SHOWN else "all"
    return MappingSearch(**sent)


def _refreshed_at(account: EmailAccount, table: str) -> object:
    """When the columns of the table were last read; None where they never were."""
    known = CrmField.objects.filter(account=account, entity=table)
    return known.aggregate(Max("refreshed_at"))["refreshed_at__max"]
