"""The API does what its OpenAPI document says, whatever it is asked.

Schemathesis asks, at random but always the same, against the real WSGI application on a real database.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import negative_data_rejection
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import BaseSchema

from api.conftest import new_token
from console.campaign_world import make_campaign
from console.form_world import make_form
from console.world import Past, make_plan
from syncline.accounts.roles import Role
from syncline.api.urls import api
from syncline.config.wsgi import application

EXAMPLES = 3
"""Of each operation and role; `schemathesis run` against `syncline serve` asks as much as one likes."""


def asked(*, edges: bool) -> BaseSchema:
    """`edges`: ask for the edges of every parameter too, one by one."""
    config = SchemathesisConfig.from_dict(
        {
            "generation": {"deterministic": True, "max-examples": EXAMPLES},
            "phases": {"coverage": {"enabled": edges}},
        }
    )
    schema = schemathesis.openapi.from_dict(dict(api.get_openapi_schema()), config=config)
    schema.app = application
    # These ask a vendor, who is there in test_both_sides.py, test_suppressions.py and test_insight_tables.py.
    asks_vendors = schema.exclude(path_regex="explanation|resubscriptions|insight-offers")
    return asks_vendors.exclude(path_regex="suppressions|insight-tables", method="POST")


by_a_manager = asked(edges=True)
by_a_viewer = asked(edges=False)
calm = settings(suppress_health_check=list(HealthCheck), deadline=None)


@pytest.fixture(autouse=True)
def _the_tests_own_connection() -> Iterator[None]:
    """The application is not to close it between calls: it holds the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def secret() -> str:
    return new_token("manager", Role.MANAGER)


@pytest.fixture
def lesser_secret() -> str:
    return new_token("viewer", Role.VIEWER)


@by_a_manager.parametrize()
@calm
def test_to_somebody_who_may_do_everything(case: Case, past: Past, secret: str) -> None:
    call(case, past, secret)


@by_a_viewer.parametrize()
@calm
def test_to_somebody_who_may_only_look(case: Case, past: Past, lesser_secret: str) -> None:
    call(case, past, lesser_secret)


def call(case: Case, past: Past, secret: str) -> None:
    """With a good token and an address that exists, so that more is met than 401 and 404."""
    there: dict[str, Any] = {"account_id": past.run.account_id, "run_key": str(past.run.key)}
    if "campaign_id" in case.path_parameters:
        there["campaign_id"] = make_campaign(past.run.account, "Spring").campaign_id
    if "form_id" in case.path_parameters:
        there["form_id"] = make_form(past.run.account, "Walk").form_id
    there["plan_key"] = str(make_plan(past.run.account).key) if "plan_key" in case.path_parameters else ""
    case.path_parameters.update({name: there[name] for name in case.path_parameters if name in there})
    headers = {"Authorization": f"Bearer {secret}", "Host": "localhost"}
    mended = case.meta is not None and any(
        not info.mode.is_positive and place.value in {"path", "header"}
        for place, info in case.meta.components.items()
    )
    # What was wrong with the address or the token is right now, so the call is rightly not refused.
    case.call_and_validate(headers=headers, excluded_checks=[negative_data_rejection] if mended else [])
