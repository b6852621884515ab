"""The Email Data Labels tab: the labels of an account, and what has become of those that were made here."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from syncline.accounts.models import EmailAccount
from syncline.console.label_rows import found_labels, label_rows
from syncline.console.rights import Right, may, needs, right_to_run
from syncline.console.schedule_rows import NOTHING, live_by_type
from syncline.mapping.models import Label

LABELS_A_PAGE = 100


@needs(Right.SEE)
def labels(request: HttpRequest, account_id: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    wanted = request.GET.get("find", "").strip()
    paging = Paginator(found_labels(account, wanted), LABELS_A_PAGE).get_page(request.GET.get("page"))
    live = live_by_type(account).get("labels", NOTHING)
    context = {
        "account": account,
        "tab": "labels",
        "wanted": wanted,
        "rows": label_rows(account, paging.object_list),
        "paging": paging,
        "has_any": bool(paging.paginator.count) or Label.objects.filter(account=account).exists(),
        "live": live,
        "synced_at": live.last.started_at if live.last else None,
        "may_run": may(request.user, right_to_run("labels")),
    }
    if request.headers.get("HX-Request"):
        return render(request, "console/account/labels_card.html", context)
    return render(request, "console/account/labels.html", context)
