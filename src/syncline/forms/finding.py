"""Which forms of an account are meant, and what is mapped of each."""

from __future__ import annotations

from django.db.models import Count, F, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import NullIf

from syncline.accounts.models import EmailAccount
from syncline.forms.models import Form


def forms_of(account: EmailAccount, *, name: str = "", problems: bool = False) -> QuerySet[Form]:
    """Those answered last come first. `name`: a part of it. `problems`: only those whose last sync left
    something undone. `mapped`: how many columns their answers go into.
    """
    found = Form.objects.filter(account=account).defer("told")
    if name:
        found = found.filter(name__icontains=name)
    if problems:
        found = found.exclude(problem="")
    # SQLite tells JSON's null as a word.
    last = NullIf(KT("header__syncline_lastresponseon"), Value("null"), output_field=TextField())
    found = found.annotate(mapped=Count("fields"), last=last)
    return found.order_by(F("last").desc(nulls_last=True), "-form_id")


def counts_of(account: EmailAccount) -> dict[str, int]:
    """`all`, and `problem`."""
    return Form.objects.filter(account=account).aggregate(
        all=Count("pk"), problem=Count("pk", filter=~Q(problem=""))
    )


def form_of(account: EmailAccount, form_id: int) -> Form | None:
    """By Dotdigital's number."""
    return Form.objects.filter(account=account, form_id=form_id).select_related("account").first()
