"""One mapping: making it, changing it, removing it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Final

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from syncline.accounts.admin_log import last_change
from syncline.accounts.details import Problem
from syncline.accounts.models import EmailAccount
from syncline.console.actors import actor_of
from syncline.console.mapping_choices import Offered, offered
from syncline.console.mapping_rows import Lookup, via_of
from syncline.console.mappings_page import entity_or_404
from syncline.console.meanwhile import (
    CHANGED,
    KEPT,
    WRONG,
    ChangedMeanwhileError,
    basis_of,
    in_words,
    mark_of,
    nobody_else_saved,
)
from syncline.console.rights import Right, needs
from syncline.mapping.catalogue import read_catalogue
from syncline.mapping.changing import delete_mapping, save_mapping
from syncline.mapping.models import ConflictRule, Direction, Entity, FieldMapping
from syncline.mapping.specs import FieldSpec
from syncline.mapping.wanted import MappingRefusedError, WantedMapping, field_wanted

CHANGED_BY: Final = ("mapping added", "mapping changed", "mapping removed")
"""What the admin log calls a change of a mapping."""


@needs(Right.ADMINISTER, post=Right.ADMINISTER)
def mapping_new(request: HttpRequest, account_id: int, entity: str) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    asked = _asked(entity_or_404(entity), request.GET)
    field = field_wanted(account, asked)
    if isinstance(field, Problem):
        raise Http404(field.message)
    offer = offered(account, asked.entity, field, None)
    if not offer.directions:
        raise Http404(f"{field.title} cannot be mapped")
    if request.method != "POST":
        start = replace(asked, direction=Direction(offer.directions[0].value), label=_best_label(offer))
        return _page(request, account, start, offer)
    return _save(request, account, _sent(request.POST, asked), offer, None)


@needs(Right.ADMINISTER, post=Right.ADMINISTER)
def mapping(request: HttpRequest, account_id: int, mapping_id: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    stored = FieldMapping.objects.filter(account=account, pk=mapping_id).first()
    if stored is None:
        return _gone(request, account)
    asked = wanted_of(stored)
    field = field_wanted(account, asked)
    offer = offered(account, asked.entity, field, stored) if isinstance(field, FieldSpec) else None
    if request.method != "POST" or offer is None:
        return _page(request, account, asked, offer, stored)
    return _save(request, account, _sent(request.POST, asked), offer, stored)


@needs(post=Right.ADMINISTER)
def mapping_delete(request: HttpRequest, account_id: int, mapping_id: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    stored = get_object_or_404(FieldMapping, account=account, pk=mapping_id)
    entity, words = stored.entity, f"{stored.crm_field} is no longer mapped to {stored.label}."
    try:
        with _nobody_else_saved(request, account, wanted_of(stored), stored):
            delete_mapping(stored, by=actor_of(request))
    except ChangedMeanwhileError as changed:
        messages.warning(request, f"{changed} It is not removed. Look at it as it is now.")
        return redirect("mapping", account.pk, mapping_id)
    messages.success(request, f"{words} What it has carried over stays on both sides.")
    return redirect("mappings", account.pk, entity)


def wanted_of(stored: FieldMapping) -> WantedMapping:
    """A stored mapping as a form would ask for it."""
    return WantedMapping(
        entity=Entity(stored.entity),
        crm_field=stored.crm_field,
        label=stored.label,
        direction=Direction(stored.direction),
        conflict_rule=ConflictRule(stored.conflict_rule),
        blank_overwrites=stored.blank_overwrites,
        through=stored.through,
        through_table=stored.through_table,
    )


def _asked(entity: Entity, place: QueryDict) -> WantedMapping:
    """The column that is meant, as `_place` names it."""
    return WantedMapping(
        entity=entity,
        crm_field=place.get("field", ""),
        through=place.get("through", ""),
        through_table=place.get("table", ""),
        label="",
    )


def _sent(form: QueryDict, asked: WantedMapping) -> WantedMapping:
    """What somebody chose for a column; a choice that there is not counts as not made."""
    direction, rule = form.get("direction", ""), form.get("conflict_rule", "")
    return replace(
        asked,
        label=form.get("label", ""),
        direction=Direction(direction) if direction in Direction.values else asked.direction,
        conflict_rule=ConflictRule(rule) if rule in ConflictRule.values else asked.conflict_rule,
        blank_overwrites=bool(form.get("blank_overwrites")),
    )


def _best_label(offer: Offered) -> str:
    """A free label that is called like the column; the choice is left open where none is."""
    names = {offer.field.logical_name.upper(), offer.field.display_name.replace(" ", "").upper()}
    return next((label.name for label in offer.labels if label.name in names and not label.taken_by), "")


def _save(
    request: HttpRequest,
    account: EmailAccount,
    wanted: WantedMapping,
    offer: Offered,
    stored: FieldMapping | None,
) -> HttpResponse:
    try:
        with _nobody_else_saved(request, account, wanted, stored):
            save_mapping(account, wanted, by=actor_of(request), replaces=stored)
    except ChangedMeanwhileError as changed:
        messages.warning(request, f"{changed} {KEPT}")
        still = FieldMapping.objects.filter(pk=stored.pk).first() if stored else None
        return _page(request, account, wanted, offer, still, status=CHANGED)
    except MappingRefusedError as refused:
        problems = {problem.field: problem.message for problem in refused.problems}
        if not wanted.label:
            problems["label"] = "Choose a label."
        return _page(request, account, wanted, offer, stored, problems, status=WRONG)
    messages.success(
        request,
        f"{offer.field.title} is mapped to {wanted.label}. It takes effect with the next list sync.",
    )
    return redirect("mappings", account.pk, wanted.entity)


def _gone(request: HttpRequest, account: EmailAccount) -> HttpResponse:
    """Somebody removed the mapping while another changed it: what was chosen can be saved as a new one."""
    entity = entity_or_404(request.POST.get("entity", ""))
    asked = _asked(entity, request.POST)
    field = field_wanted(account, asked)
    if isinstance(field, Problem):
        raise Http404(field.message)
    about = f"{entity} {request.POST.get('was', '')}"
    messages.warning(request, f"{in_words(account, last_change(account, CHANGED_BY, about))} {KEPT}")
    offer = offered(account, entity, field, None)
    return _page(request, account, _sent(request.POST, asked), offer, status=CHANGED)


def _nobody_else_saved(
    request: HttpRequest, account: EmailAccount, wanted: WantedMapping, stored: FieldMapping | None
) -> AbstractContextManager[EmailAccount]:
    """For a mapping that is stored, it is as it was; for a new one, its column is mapped as it was."""

    def mark(account: EmailAccount) -> str:
        return _mark(account, wanted, stored)

    newest = stored or _same_column(account, wanted).last()
    about = f"{newest.entity} {newest.label}" if newest is not None else ""
    return nobody_else_saved(request, account, mark, CHANGED_BY, about)


def _mark(account: EmailAccount, wanted: WantedMapping, stored: FieldMapping | None) -> str:
    if stored is None:
        return mark_of([wanted_of(one) for one in _same_column(account, wanted)])
    return mark_of([wanted_of(one) for one in FieldMapping.objects.filter(pk=stored.pk)])


def _same_column(account: EmailAccount, wanted: WantedMapping) -> QuerySet[FieldMapping]:
    return FieldMapping.objects.filter(
        account=account,
        entity=wanted.entity,
        crm_field=wanted.crm_field,
        through=wanted.through,
        through_table=wanted.through_table,
    ).order_by("pk")


def _page(
    request: HttpRequest,
    account: EmailAccount,
    wanted: WantedMapping,
    offer: Offered | None,
    stored: FieldMapping | None = None,
    problems: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """`offer` is None where the column is not known: then the mapping can only be removed."""
    via = via_of(account, wanted.entity, wanted.through, wanted.through_table) if wanted.through else None
    new = reverse("mapping-new", args=[account.pk, wanted.entity], query=_place(wanted))
    context = {
        "account": account,
        "tab": "mappings",
        "entity": wanted.entity,
        "wanted": wanted,
        "offer": offer,
        "stored": stored,
        "title": _title(wanted, offer, via),
        "problems": problems or {},
        "unsaved": status in (WRONG, CHANGED),
        "basis": basis_of(request, _mark(account, wanted, stored), status),
        "made_from": {"entity": wanted.entity, **_place(wanted), "was": stored.label if stored else ""},
        "save_to": reverse("mapping", args=[account.pk, stored.pk]) if stored else new,
        "broken": "" if problems or stored is None else _why_broken(account, stored),
        "back": reverse("mappings", args=[account.pk, wanted.entity]),
        "preview": reverse("mapping-preview", args=[account.pk, wanted.entity], query=_place(wanted)),
    }
    return render(request, "console/account/mapping.html", context, status=status)


def _place(wanted: WantedMapping) -> dict[str, str]:
    """Which column is meant, as an address names it."""
    return {"field": wanted.crm_field, "through": wanted.through, "table": wanted.through_table}


def _title(wanted: WantedMapping, offer: Offered | None, via: Lookup | None) -> str:
    name = (offer.field.display_name if offer else "") or wanted.crm_field
    return f"{via.name} → {name}" if via else name


def _why_broken(account: EmailAccount, stored: FieldMapping) -> str:
    for one in read_catalogue(account).broken:
        if (one.entity, one.label) == (stored.entity, stored.label):
            return one.reason
    return ""
