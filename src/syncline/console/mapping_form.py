"""One mapping: making it, changing it, removing it."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from syncline.accounts.details import Problem
from syncline.accounts.models import EmailAccount
from syncline.console.actors import actor_of
from syncline.console.mapping_choices import Offered, offered
from syncline.console.mapping_rows import Lookup, via_of
from syncline.console.mappings_page import entity_or_404
from syncline.console.rights import Right, needs
from syncline.mapping.catalogue import read_catalogue
from syncline.mapping.changing import delete_mapping, save_mapping
from syncline.mapping.models import ConflictRule, Direction, Entity, FieldMapping
from syncline.mapping.specs import FieldSpec
from syncline.mapping.wanted import MappingRefusedError, WantedMapping, field_wanted


@needs(Right.ADMINISTER, post=Right.ADMINISTER)
def mapping_new(request: HttpRequest, account_id: int, entity: str) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    asked = WantedMapping(
        entity=entity_or_404(entity),
        crm_field=request.GET.get("field", ""),
        through=request.GET.get("through", ""),
        through_table=request.GET.get("table", ""),
        label="",
    )
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
    stored = get_object_or_404(FieldMapping, account=account, pk=mapping_id)
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
    with transaction.atomic():
        delete_mapping(stored, by=actor_of(request))
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
        with transaction.atomic():
            save_mapping(account, wanted, by=actor_of(request), replaces=stored)
    except MappingRefusedError as refused:
        problems = {problem.field: problem.message for problem in refused.problems}
        if not wanted.label:
            problems["label"] = "Choose a label."
        return _page(request, account, wanted, offer, stored, problems)
    messages.success(
        request,
        f"{offer.field.title} is mapped to {wanted.label}. It takes effect with the next list sync.",
    )
    return redirect("mappings", account.pk, wanted.entity)


def _page(
    request: HttpRequest,
    account: EmailAccount,
    wanted: WantedMapping,
    offer: Offered | None,
    stored: FieldMapping | None = None,
    problems: dict[str, str] | None = None,
) -> HttpResponse:
    """`offer` is None where the column is not known: then the mapping can only be removed."""
    via = via_of(account, wanted.entity, wanted.through, wanted.through_table) if wanted.through else None
    context = {
        "account": account,
        "tab": "mappings",
        "entity": wanted.entity,
        "wanted": wanted,
        "offer": offer,
        "stored": stored,
        "title": _title(wanted, offer, via),
        "problems": problems or {},
        "broken": "" if problems or stored is None else _why_broken(account, stored),
        "back": reverse("mappings", args=[account.pk, wanted.entity]),
        "preview": reverse("mapping-preview", args=[account.pk, wanted.entity], query=_place(wanted)),
    }
    return render(request, "console/account/mapping.html", context, status=422 if problems else 200)


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
