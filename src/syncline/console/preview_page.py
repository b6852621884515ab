"""The live preview: of one mapping while it is being made, and of all the mappings of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from syncline.accounts.models import EmailAccount
from syncline.console.mappings_page import entity_or_404
from syncline.console.preview_cells import Cell, Sample, cell
from syncline.console.preview_source import labels_read, samples_for
from syncline.console.rights import Right, needs
from syncline.mapping.catalogue import BrokenMapping, MappedField, assemble, read_catalogue
from syncline.mapping.models import CrmField, Direction, Entity, FieldMapping, Label
from syncline.mapping.specs import LabelSpec


@dataclass(frozen=True)
class PreviewRow:
    """One person with their cells."""

    sample: Sample
    cells: tuple[Cell, ...]


@needs(Right.SEE)
def mappings_preview(request: HttpRequest, account_id: int, entity: str) -> HttpResponse:
    """Five people under all the mappings of a table. The page comes at once and fetches them."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    table = entity_or_404(entity)
    context = {"account": account, "tab": "mappings", "entity": table}
    if not request.headers.get("HX-Request"):
        return render(request, "console/account/preview.html", context)
    mapped = read_catalogue(account).mapped[table.value]
    context |= _preview(account, table, mapped) if mapped else {"nothing_mapped": True}
    return render(request, "console/account/preview_people.html", context)


@needs(Right.ADMINISTER)
def mapping_preview(request: HttpRequest, account_id: int, entity: str) -> HttpResponse:
    """Five people under one mapping as it is chosen in the form, saved or not; a part of its page.

    For those who may use the form: any column can be asked for, and is read from Dynamics at once.
    """
    account = get_object_or_404(EmailAccount, pk=account_id)
    table = entity_or_404(entity)
    context: dict[str, object] = {"account": account, "entity": table}
    mapped = _as_chosen(request, account, table)
    if isinstance(mapped, MappedField):
        context |= {"mapped": mapped, **_preview(account, table, [mapped])}
    else:
        context["refused"] = mapped
    return render(request, "console/account/preview_one.html", context)


def _as_chosen(request: HttpRequest, account: EmailAccount, entity: Entity) -> MappedField | str:
    """The mapping that the form would save; or why there is nothing to show, in words."""
    sent = request.GET
    if not sent.get("label"):
        return "Choose a label to see what becomes of real values."
    direction = sent.get("direction", "")
    chosen = FieldMapping(
        account=account,
        entity=entity,
        crm_field=sent.get("field", ""),
        through=sent.get("through", ""),
        through_table=sent.get("table", ""),
        label=sent["label"],
        direction=direction if direction in Direction.values else Direction.TO_DOTDIGITAL,
        blank_overwrites=bool(sent.get("blank_overwrites")),
    )
    names = [chosen.crm_field, chosen.through]
    fields = CrmField.objects.filter(account=account, logical_name__in=names)
    labels = Label.objects.filter(account=account, name=chosen.label)
    catalogue = assemble(
        [chosen],
        {(row.entity, row.logical_name): row for row in fields},
        {row.name: LabelSpec.of(row) for row in labels},
    )
    made: Sequence[MappedField | BrokenMapping] = (*catalogue.mapped[entity.value], *catalogue.broken)
    return made[0].reason if isinstance(made[0], BrokenMapping) else made[0]


def _preview(account: EmailAccount, entity: Entity, mapped: Sequence[MappedField]) -> dict[str, object]:
    samples = samples_for(account, entity, mapped)
    read = labels_read(account)
    rows = [
        PreviewRow(sample, tuple(cell(one, sample, is_read=one.label.name in read) for one in mapped))
        for sample in samples.rows
    ]
    return {"samples": samples, "rows": rows}
