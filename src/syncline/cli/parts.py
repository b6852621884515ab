"""What a run did, list by list: what went where, who was left out and why, and what was changed."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Final, NamedTuple

from django.db.models import Count, Min
from rich.markup import escape

from syncline.cli.output import Output
from syncline.cli.watching import counts_in_words
from syncline.ledger.models import Outcome, Run, RunPart, RunStatus
from syncline.people.facts import NO_ADDRESS
from syncline.syncs.reasons import words

SIDES: Final = {"dotdigital": "Dotdigital", "dynamics": "Dynamics"}
FEW: Final = 12
"""Up to so many changes are told one by one; more are for the console, and for `syncline runs`."""

_RESULTS: Final = {
    "created": "added",
    "updated": "updated",
    "removed": "taken out",
    "unchanged": "left as they are",
    "skipped": "left out",
    "rejected": "not accepted",
    "planned": "planned",
}
_INTO_DYNAMICS: Final = frozenset({"MarketingListsDataIn", "CampaignStatistics", "Forms"})
_CHANGES: Final = ("created", "updated", "removed", "rejected")


class Why(NamedTuple):
    """So many records of a list that met one fate for one reason."""

    result: str
    reason: str
    records: int
    example: str


def tell_parts(run: Run, output: Output) -> None:
    """One line for each list, and beneath it how many met which fate for what reason."""
    reasons = _reasons(run)
    for part in run.parts.all():
        output.result(_as_facts(run, part, reasons[part.pk]))
        output.say(f"    {escape(part.name)} → {_where(part)}: {counts_in_words(part)}")
        if part.status == RunStatus.FAILED:
            output.say(f"      [yellow]{escape(part.message)}[/yellow]")
        for why in reasons[part.pk]:
            output.paragraph(f"[dim]{_in_words(why)}[/dim]", mark=f"[dim]{why.records:>4}[/dim]", indent=6)
        for note in part.notes.splitlines():
            output.paragraph(f"[dim]{escape(note)}[/dim]", indent=6)


def tell_changes(run: Run, output: Output) -> None:
    """Who was changed, field by field, where it is few of them."""
    changed = Outcome.objects.filter(run=run, result__in=_CHANGES).select_related("part").order_by("pk")
    if run.plan_only or output.as_json or not run.parts.exists() or not 0 < len(changed[: FEW + 1]) <= FEW:
        return
    lists: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in changed:
        lists[_change(row)].append(row.part.name if row.part else "")
    output.say("    [dim]One by one:[/dim]")
    for (mark, told), names in lists.items():
        output.paragraph(f"{told} [dim]({escape(', '.join(names))})[/dim]", mark=mark, indent=6)


def _change(row: Outcome) -> tuple[str, str]:
    """What was written or refused, and to which side; the same for each list that the person is in."""
    refused = row.result == "rejected"
    words_for_it = row.detail or (words(row.reason) if row.reason else "")
    told = words_for_it if refused else fields_in_words(row) or words_for_it or _RESULTS[row.result]
    mark = "[yellow]held[/yellow]" if refused else f"→ {SIDES.get(row.side, row.side)}"
    return mark, f"{escape(who(row))}: {escape(told)}"


def who(row: Outcome) -> str:
    """The address; the name of a record that has none."""
    return row.name if row.person_key.startswith(NO_ADDRESS) else row.person_key


def fields_in_words(row: Outcome) -> str:
    """`POSTCODE: LS1 4AP → EH3 9DR`, for each field."""
    fields = json.loads(row.fields)
    return ", ".join(f"{name}: {_value(old)} → {_value(new)}" for name, (old, new) in fields.items())


def _value(value: object) -> str:
    return "∅" if value is None else str(value)


def _reasons(run: Run) -> dict[int | None, list[Why]]:
    """By part; the most frequent first."""
    rows = (
        Outcome.objects.filter(run=run)
        .exclude(reason="")
        .values_list("part_id", "result", "reason")
        .annotate(count=Count("pk"), key=Min("person_key"), name=Min("name"))
        .order_by("-count", "reason")
    )
    found: dict[int | None, list[Why]] = defaultdict(list)
    for part_id, result, reason, count, key, name in rows:
        found[part_id].append(Why(result, reason, count, name if key.startswith(NO_ADDRESS) else key))
    return found


def _in_words(why: Why) -> str:
    example = why.example if why.records == 1 else f"such as {why.example}"
    reason = words(why.reason).rstrip(".")
    return escape(f"{_RESULTS.get(why.result, why.result)}: {reason}: {example}")


def _where(part: RunPart) -> str:
    return "Dynamics" if part.audit_type in _INTO_DYNAMICS else "Dotdigital"


def _as_facts(run: Run, part: RunPart, reasons: list[Why]) -> dict[str, object]:
    counts = ("read", "created", "updated", "removed", "unchanged", "skipped", "rejected")
    return {
        "run": run.pk,
        "part": part.audit_type,
        "name": part.name,
        "status": part.status,
        "message": part.message,
        **{word: getattr(part, word) for word in counts},
        "reasons": [why._asdict() for why in reasons],
    }
