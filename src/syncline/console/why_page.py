"""Why?: for any address, every gate and list of each sync, and where to change what decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from syncline.accounts.models import EmailAccount
from syncline.console.dynamics_links import record_address
from syncline.console.list_rows import why_address
from syncline.console.rights import Right, needs
from syncline.console.sync_types import name_of
from syncline.ledger.models import Outcome
from syncline.syncs.marketing_lists.explain import explain
from syncline.syncs.marketing_lists.explained import (
    Asked,
    Explanation,
    HeldTold,
    ListVerdict,
    RecordTold,
    SyncTold,
    Target,
)
from syncline.syncs.reasons import words

LONGEST_ADDRESS = 320

COMES_BACK = frozenset({"suppressed", "not_subscribed", "erased"})
"""Gates that the person can have opened again."""

TABLES = {"contact": "Contact", "lead": "Lead", "account": "Account"}


@dataclass(frozen=True)
class Link:
    address: str
    words: str
    is_outside: bool


@dataclass(frozen=True)
class GateRow:
    gate: Asked
    links: Sequence[Link]


@dataclass(frozen=True)
class VerdictRow:
    verdict: ListVerdict
    links: Sequence[Link]


@dataclass(frozen=True)
class SyncCard:
    """What one sync type does about the person."""

    told: SyncTold
    name: str
    gates: Sequence[GateRow]
    lists: Sequence[VerdictRow]
    last_run_url: str


@dataclass(frozen=True)
class RecordRow:
    record: RecordTold
    table: str
    dynamics_url: str


@dataclass(frozen=True)
class HeldLine:
    held: HeldTold
    sync_name: str
    run_url: str


@dataclass(frozen=True)
class PastRow:
    outcome: Outcome
    words: str


@needs(Right.SEE)
def why(request: HttpRequest, account_id: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    address = request.GET.get("address", "").strip()[:LONGEST_ADDRESS]
    context = {"account": account, "section": "why", "address": address}
    if address:
        told = explain(account, address)
        context |= _shown(account, told)
    return render(request, "console/account/why.html", context)


def _shown(account: EmailAccount, told: Explanation) -> dict[str, object]:
    return {
        "told": told,
        "records": [
            RecordRow(
                record,
                TABLES.get(record.entity, record.entity),
                record_address(account, record.entity, record.record_id),
            )
            for record in told.records
        ],
        "cards": [_card(account, one) for one in told.syncs],
        "comes_back": any(not gate.is_open and gate.code in COMES_BACK for gate in told.consent),
        "held": [_held(account, one) for one in told.held],
        "held_url": f"{reverse('held', args=[account.pk])}?{urlencode({'address': told.address})}",
        "past": [PastRow(row, words(row.reason) if row.reason else "") for row in told.recent],
    }


def _card(account: EmailAccount, told: SyncTold) -> SyncCard:
    return SyncCard(
        told,
        name_of(told.key),
        [GateRow(gate, _links(account, gate.targets)) for gate in told.gates],
        [VerdictRow(row, _links(account, row.targets)) for row in told.lists],
        link_to(account, told.last.run).address if told.last else "",
    )


def _held(account: EmailAccount, held: HeldTold) -> HeldLine:
    run_url = link_to(account, held.run).address if held.run else ""
    return HeldLine(held, name_of(held.sync_type), run_url)


def _links(account: EmailAccount, targets: Sequence[Target]) -> list[Link]:
    return [link_to(account, target) for target in targets]


def link_to(account: EmailAccount, target: Target) -> Link:
    """The page, here or in Dynamics, on which what decides can be looked at or changed."""
    match target.kind:
        case "record":
            address = record_address(account, target.entity, target.reference)
            return Link(address, f"{TABLES.get(target.entity, target.entity)} {target.name}", is_outside=True)
        case "list":
            return _here("list", [account.pk, int(target.reference)], f"List {target.name}")
        case "account":
            return _here("administration", [account.pk], f"Settings of {target.name}")
        case "mapping":
            return _here("mappings", [account.pk, target.entity], target.name)
        case "run":
            return _here("run", [account.pk, target.reference], target.name)
        case "address":
            return Link(why_address(account, target.reference), f"Why? {target.name}", is_outside=False)


def _here(name: str, arguments: list[object], told: str) -> Link:
    return Link(reverse(name, args=arguments), told, is_outside=False)
