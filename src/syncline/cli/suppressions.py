"""`syncline suppressions ACCOUNT`: the suppression list, and suppressing addresses by hand."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import Annotated

import typer

from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.clients import dotdigital_for_somebody_waiting
from syncline.accounts.models import EmailAccount
from syncline.cli.exit_codes import ExitCode
from syncline.cli.finding import AccountName, find_account
from syncline.cli.output import AsJson, Output, Stop
from syncline.consent.ledger import Source
from syncline.consent.suppressing import LONGEST_NOTE, MOST_ADDRESSES, Asked, suppress
from syncline.consent.suppression_list import SuppressionSearch, every_suppression
from syncline.consent.suppression_reasons import reason_of
from syncline.consent.typed_addresses import addresses_in


def register(app: typer.Typer) -> None:
    app.command("suppressions")(suppressions)


def suppressions(
    account_name: AccountName,
    address: Annotated[str, typer.Option(help="Only this address, or those that begin with it.")] = "",
    reason: Annotated[str, typer.Option(help="Only those with this reason, by its code.")] = "",
    add: Annotated[
        list[str] | None,
        typer.Option("--add", metavar="ADDRESS", help="Suppress an address. May be repeated."),
    ] = None,
    note: Annotated[str, typer.Option(help="With --add: who asked for it, when and how.")] = "",
    most: Annotated[int, typer.Option("--most", min=1, help="How many to show.")] = 40,
    as_json: AsJson = False,
) -> None:
    """Show the addresses that Dotdigital suppresses for an account, or suppress some."""
    output = Output(as_json)
    account = find_account(account_name)
    if add:
        _add(account, add, note, output)
        return
    _show(account, SuppressionSearch(address.strip().lower(), reason), most, output)


def _show(account: EmailAccount, search: SuppressionSearch, most: int, output: Output) -> None:
    """All of them for programs, one by one; the first few for people."""
    found = every_suppression(account.pk, search)
    if output.as_json:
        for row in found:
            output.result({"address": row.person_key, "reason": row.reason, "since": row.since,
                           "suppressed_by": row.asked_by, "note": row.note})  # fmt: skip
        return
    rows = [
        (row.person_key, row.reason, reason_of(row.reason).words, row.since, row.note)
        for row in islice(found, most)
    ]
    if rows:
        output.table(("Address", "Reason", "What it means", "Since", "Note"), rows)
    else:
        output.say("No suppressed address is known. Every sync of lists reads Dotdigital's list.")
    if len(rows) == most:
        output.say("[dim]--most shows more.[/dim]")


def _add(account: EmailAccount, typed: list[str], note: str, output: Output) -> None:
    addresses = addresses_in("\n".join(typed))
    if addresses.bad:
        raise Stop(f"No e-mail address: {', '.join(addresses.bad)}.", "Mend it.", ExitCode.USAGE)
    if len(addresses.good) > MOST_ADDRESSES or len(note) > LONGEST_NOTE:
        limits = f"Give up to {MOST_ADDRESSES} addresses and a note of up to {LONGEST_NOTE} characters."
        raise Stop("That is too much at once.", limits, ExitCode.USAGE)
    asked = Asked(addresses.good, OPERATOR, Source.COMMAND_LINE, note)
    done = suppress(account, asked, partial(dotdigital_for_somebody_waiting, account))
    for result, keys in (
        ("accepted", done.accepted), ("known", done.known), ("refused", done.refused),
        ("waiting", done.waiting),
    ):  # fmt: skip
        for key in keys:
            output.result({"address": key, "result": result, "words": done.refused.get(key, "")})
    output.say(
        f"{len(done.accepted)} suppressed in Dotdigital, {len(done.known)} were already, "
        f"{len(done.refused) + len(done.waiting)} stopped here only."
    )
    if done.problem is not None:
        raise Stop(
            f"Stopped here; Dotdigital has not confirmed it: {done.problem.message}.",
            "Give the same command again to ask it once more.",
            ExitCode.LATER,
        )
