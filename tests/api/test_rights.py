"""Deny by default: who may call each operation, written down here once more, by hand."""

from __future__ import annotations

from http import HTTPStatus
from uuid import uuid4

import pytest
from django.core.checks import run_checks
from django.http import HttpRequest
from django.test import Client

from api.conftest import Program
from console.campaign_world import make_campaign
from console.form_world import make_form
from console.world import Past, make_plan, make_run
from syncline.accounts.roles import Role
from syncline.api.checks import every_operation, forgotten
from syncline.api.urls import Api, api
from syncline.ledger.models import RunStatus

ALL = frozenset({"manager", "professional", "viewer", "connector", "monitor", "nobody"})
SEE = frozenset({"manager", "professional", "viewer"})
LISTS = frozenset({"manager", "professional"})
MANAGER = frozenset({"manager"})

EXPECTED: dict[str, frozenset[str]] = {
    "GET /openapi.json": SEE,
    "GET /metrics": frozenset({"manager", "monitor"}),
    "GET /admin-log": MANAGER,
    "GET /accounts": SEE,
    "GET /accounts/{account}": SEE,
    "GET /accounts/{account}/sync-types": SEE,
    "GET /accounts/{account}/lists": SEE,
    "GET /accounts/{account}/explanation": SEE,
    "GET /consent-history": SEE,
    "GET /accounts/{account}/held": SEE,
    "GET /accounts/{account}/held/reasons": SEE,
    "POST /accounts/{account}/held/replay": LISTS,
    "GET /accounts/{account}/suppressions": SEE,
    "POST /accounts/{account}/suppressions": MANAGER,
    "POST /accounts/{account}/resubscriptions": MANAGER,
    "GET /accounts/{account}/campaigns": SEE,
    "GET /accounts/{account}/campaigns/{campaign}": SEE,
    "POST /accounts/{account}/campaigns/levels": MANAGER,
    "POST /accounts/{account}/campaign-level": MANAGER,
    "GET /accounts/{account}/insight-tables": SEE,
    "POST /accounts/{account}/insight-tables": MANAGER,
    "PUT /accounts/{account}/insight-tables/{chosen}": MANAGER,
    "DELETE /accounts/{account}/insight-tables/{chosen}": MANAGER,
    "GET /accounts/{account}/insight-offers/{table}": SEE,
    "GET /accounts/{account}/forms": SEE,
    "GET /accounts/{account}/forms/{form}": SEE,
    "POST /accounts/{account}/forms/{form}/mapping": MANAGER,
    "POST /accounts/{account}/record-links": SEE,
    "GET /accounts/{account}/plans": SEE,
    "POST /accounts/{account}/sync-types/lists_out/plans": LISTS,
    "POST /accounts/{account}/sync-types/labels/plans": MANAGER,
    "GET /plans/{plan}": SEE,
    "POST /plans/{plan}/approve": MANAGER,
    "POST /plans/{plan}/discard": MANAGER,
    "POST /runs/{run}/undo": MANAGER,
    "POST /accounts/{account}/drift-audit": MANAGER,
    "GET /accounts/{account}/runs": SEE,
    "POST /accounts/{account}/sync-types/lists_out/runs": LISTS,
    "POST /accounts/{account}/sync-types/labels/runs": MANAGER,
    "GET /runs/{run}": SEE,
    "GET /runs/{run}/parts": SEE,
    "GET /runs/{run}/records": SEE,
    "GET /runs/{run}/records.csv": SEE,
    "POST /runs/{waiting lists_out}/cancel": LISTS,
    "POST /runs/{waiting labels}/cancel": MANAGER,
    "POST /runs/{unknown}/cancel": LISTS,
}
"""Method and address, with what the test puts into it."""


def test_every_operation_is_in_the_table_above() -> None:
    operations = {
        f"{method} {pattern_of(one.path)}" for one in every_operation(api) for method in one.methods
    }
    assert {pattern_of(call) for call in EXPECTED} == operations


@pytest.mark.parametrize("who", sorted(ALL))
@pytest.mark.parametrize("call", EXPECTED)
def test_who_may_do_what(call: str, who: str, past: Past, program: Program) -> None:
    client = Client() if who == "nobody" else program(Role(who))
    method, address = filled_in(call, past)
    answer = client.generic(method, "/api/v1" + address)
    if who in EXPECTED[call]:
        assert answer.status_code in {200, 202, 404, 409, 422}
    elif who == "nobody":
        assert answer.status_code == HTTPStatus.UNAUTHORIZED
        assert answer.json()["error"]["code"] == "token_missing"
    else:
        assert answer.status_code == HTTPStatus.FORBIDDEN
        assert answer.json()["error"]["code"] == "not_allowed"


@pytest.mark.parametrize("who", list(Role))
@pytest.mark.urls("api.forgetful_urls")
def test_an_operation_that_names_no_right_is_shut_to_everybody(who: Role, program: Program) -> None:
    answer = program(who).get("/api/v1/forgotten")
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert b"nobody thought about" not in answer.content


def test_an_operation_that_names_no_right_is_found_at_the_start() -> None:
    careless = Api(urls_namespace="careless", openapi_url=None, docs_url=None)

    @careless.get("/open", auth=None)
    def for_anyone(request: HttpRequest) -> str:
        return "nobody thought about"

    assert [found.id for found in forgotten(careless)] == ["api.E001"]
    assert run_checks() == []


def pattern_of(text: str) -> str:
    """The address without what fills it in."""
    steps = ["…" if "{" in step or step in {"lists_out", "labels"} else step for step in text.split("/")]
    return "/".join(steps)


def filled_in(call: str, past: Past) -> tuple[str, str]:
    method, _, address = call.partition(" ")
    account = past.run.account
    if "{waiting " in address:
        kind = address.partition("{waiting ")[2].partition("}")[0]
        waiting = make_run(account, kind, status=RunStatus.QUEUED)
        address = address.replace(f"{{waiting {kind}}}", str(waiting.key))
    if "{plan}" in address:
        address = address.replace("{plan}", str(make_plan(account).key))
    if "{campaign}" in address:
        address = address.replace("{campaign}", str(make_campaign(account, "Spring").campaign_id))
    if "{form}" in address:
        address = address.replace("{form}", str(make_form(account, "Walk").form_id))
    filled = address.replace("{unknown}", str(uuid4())).replace("{account}", str(account.pk))
    return method, filled.replace("{run}", str(past.run.key)).replace("{chosen}", "1")
