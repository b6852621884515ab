"""`syncline forms ACCOUNT`: the forms of an account, and which answers go into which columns."""

from __future__ import annotations

import re
from dataclasses import asdict
from itertools import islice
from typing import Annotated, Final

import typer

from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.models import EmailAccount
from syncline.cli.exit_codes import ExitCode
from syncline.cli.finding import AccountName, find_account
from syncline.cli.output import AsJson, Output, Stop
from syncline.forms.facts import last_response_of, questions_of, totals_of
from syncline.forms.finding import form_of, forms_of
from syncline.forms.mapping import (
    TABLES,
    FormMappingRefusedError,
    WantedField,
    fields_of,
    save_form_mapping,
)
from syncline.forms.models import Form

Texts = list[str] | None
LARGEST: Final = 2**63 - 1
"""No number of Dotdigital's is larger."""
NOBODY: Final = "nobody"
_MAP: Final = re.compile(r"(\d{1,18})(?:\.(\d{1,18}))?=([a-z_0-9]+)\.([a-z_0-9]+)", re.IGNORECASE)
COLUMNS: Final = ("Number", "Form", "State", "Complete", "Incomplete", "Last response", "Mapped", "Problem")


def register(app: typer.Typer) -> None:
    app.command("forms")(forms)


def forms(
    account_name: AccountName,
    number: Annotated[
        int | None,
        typer.Option("--form", metavar="NUMBER", min=1, max=LARGEST, help="One form, with its questions."),
    ] = None,
    into: Annotated[
        Texts,
        typer.Option(
            "--map",
            metavar="QUESTION=TABLE.COLUMN",
            help="With --form: where the answers to a question go. A line of a grid is QUESTION.LINE. "
            "May be repeated.",
        ),
    ] = None,
    unmap: Annotated[
        Texts, typer.Option(metavar="TABLE.COLUMN", help="With --form: no longer there. May be repeated.")
    ] = None,
    creates: Annotated[
        str,
        typer.Option(help="With --form: what strangers who answer become: contact, lead or nobody."),
    ] = "",
    name: Annotated[str, typer.Option(help="Only those with this in their name.")] = "",
    problems: Annotated[bool, typer.Option("--problems", help="Only those that have a problem.")] = False,
    most: Annotated[int, typer.Option("--most", min=1, help="How many to show.")] = 40,
    as_json: AsJson = False,
) -> None:
    """Show the forms of an account, those answered last first, or say where the answers to one go.

    A mapping holds for the responses that come from then on.
    """
    output = Output(as_json)
    account = find_account(account_name)
    changes = bool(into or unmap or creates)
    if changes and number is None:
        raise Stop("Of which form?", "Name it with --form NUMBER.", ExitCode.USAGE)
    if number is None:
        _list(account, name.strip(), problems, most, output)
        return
    form = form_of(account, number)
    if form is None:
        raise Stop(
            f"No form is known with the number {number}.",
            f"See `syncline forms {account.name}`. The Forms sync reads them from Dotdigital.",
            ExitCode.NOT_FOUND,
        )
    if changes:
        _save(form, into or [], unmap or [], creates)
        form.refresh_from_db()
    _show(form, output)


def _save(form: Form, into: list[str], unmap: list[str], creates: str) -> None:
    if creates and creates not in {*TABLES, NOBODY}:
        raise Stop(f"{creates} is not one of contact, lead and nobody.", "Give one of them.", ExitCode.USAGE)
    kept = {one.name: one for one in fields_of(form)}
    for column in unmap:
        if kept.pop(column.strip().lower(), None) is None:
            raise Stop(
                f"No answer goes into {column}.",
                f"See `syncline forms {form.account.name} --form {form.form_id}`.",
                ExitCode.NOT_FOUND,
            )
    for text in into:
        wanted = _wanted(text)
        kept[wanted.name] = wanted
    made = form.creates if not creates else "" if creates == NOBODY else creates
    try:
        save_form_mapping(form, made, list(kept.values()), by=OPERATOR)
    except FormMappingRefusedError as refusal:
        raise Stop("Nothing was saved.", str(refusal), ExitCode.USAGE) from refusal


def _wanted(text: str) -> WantedField:
    found = _MAP.fullmatch(text.strip())
    if found is None:
        raise Stop(
            f"{text} does not say which answers go where.",
            "Write it as QUESTION=TABLE.COLUMN, say 3=contact.jobtitle.",
            ExitCode.USAGE,
        )
    question, line, table, column = found.groups()
    return WantedField(
        table=table.lower(), column=column.lower(), question=int(question), line=int(line or 0)
    )


def _list(account: EmailAccount, name: str, problems: bool, most: int, output: Output) -> None:
    """All of them for programs, one by one; the first few for people."""
    found = forms_of(account, name=name, problems=problems)
    if output.as_json:
        for row in found.prefetch_related("fields"):
            output.result(facts_of(row))
        return
    rows = [_cells(row) for row in islice(found.iterator(), most)]
    if not rows:
        output.say(
            "No form matches."
            if name or problems
            else "No form is known yet. The Forms sync reads them from Dotdigital."
        )
        return
    output.table(COLUMNS, rows)
    if len(rows) == most:
        output.say("[dim]--most shows more.[/dim]")


def _cells(row: Form) -> tuple[object, ...]:
    totals = totals_of(row)
    mapped = getattr(row, "mapped", 0)
    return (
        row.form_id,
        row.name,
        "Deleted" if row.deleted else row.header.get("syncline_formstate") or "",
        totals.complete,
        totals.incomplete,
        last_response_of(row) or "",
        f"{mapped} column{'' if mapped == 1 else 's'}" if mapped else "",
        row.problem,
    )


def _show(form: Form, output: Output) -> None:
    if output.as_json:
        output.result(facts_of(form))
        return
    totals = totals_of(form)
    output.facts(
        {
            "Form": form.name,
            "Number": form.form_id,
            "Link": form.header.get("syncline_url"),
            "State": form.header.get("syncline_formstate"),
            "Complete responses": totals.complete,
            "Incomplete responses": totals.incomplete,
            "Last response": last_response_of(form),
            "Strangers become": f"a {form.creates}" if form.creates else "nobody",
            "Deleted in Dotdigital": form.deleted,
            "Synced": form.synced_at,
            "Problem": form.problem,
        }
    )
    rows = [(one.number, one.words, ", ".join(one.columns)) for one in questions_of(form)]
    output.table(("Question", "", "Goes into"), rows)


def facts_of(form: Form) -> dict[str, object]:
    """For programs."""
    return {
        "form": form.form_id,
        "name": form.name,
        "url": form.header.get("syncline_url"),
        "state": form.header.get("syncline_formstate"),
        **asdict(totals_of(form)),
        "last_response_at": last_response_of(form),
        "creates": form.creates or None,
        "questions": [asdict(one) for one in questions_of(form)],
        "deleted": form.deleted,
        "synced_at": form.synced_at,
        "problem": form.problem,
    }
