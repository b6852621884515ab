"""The Dotdigital sandbox as the shared part sees it."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from functools import partial
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Middleware

from syncline_sandbox import snapshots
from syncline_sandbox.control import SandboxContext, canonical_label
from syncline_sandbox.dotdigital import (
    campaigns,
    demo,
    insight_emptying,
    insight_import,
    lists,
    seeding,
    v3_delete,
    v3_import,
)
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.control import control_routes
from syncline_sandbox.dotdigital.errors import json_response
from syncline_sandbox.dotdigital.gate import forbidden, gate, is_v2, unauthorized
from syncline_sandbox.dotdigital.happenings import Happenings
from syncline_sandbox.dotdigital.jobs import (
    IMPORT_FAULTS,
    INSIGHT_EMPTYING,
    INSIGHT_IMPORT,
    V3_DELETE,
    V3_IMPORT,
    Job,
    Jobs,
    Outcome,
)
from syncline_sandbox.dotdigital.rates import RateLimits, Tier, flat_refusal, tiered_refusal
from syncline_sandbox.dotdigital.routes import (
    account as account_routes,
)
from syncline_sandbox.dotdigital.routes import (
    configuration,
    data_fields,
    v2_campaign_activity,
    v2_campaigns,
    v2_contacts,
    v2_imports,
    v2_lists,
    v2_preferences,
    v2_scores,
    v2_sending,
    v2_suppressions,
    v2_surveys,
    v3_contacts,
    v3_imports,
    v3_insight_collections,
    v3_insight_records,
)
from syncline_sandbox.dotdigital.routing import Route, Services
from syncline_sandbox.dotdigital.scoring import Scoring
from syncline_sandbox.dotdigital.storage import Transaction, add_missing_tables, empty_store, open_store
from syncline_sandbox.dotdigital.vocabulary import API_PASSWORD, API_USER, MAX_BODY_BYTES
from syncline_sandbox.faults import Fault

# Topics in the order in which they are registered: fixed paths stand before "/v2/contacts/{who}" and
# "/v2/campaigns/{campaignId}".
TOPICS = (
    account_routes,
    data_fields,
    v2_lists,
    v2_suppressions,
    v2_imports,
    v2_preferences,
    v2_scores,
    v2_contacts,
    v2_sending,
    v2_campaigns,
    v2_campaign_activity,
    v2_surveys,
    v3_imports,
    v3_contacts,
    v3_insight_collections,
    v3_insight_records,
    configuration,
)

# What a job of each kind does when its moment has come.
WORK: dict[str, Callable[[Account, Job, bytes], Outcome]] = {
    V3_IMPORT: v3_import.carry_out,
    V3_DELETE: v3_delete.carry_out,
    INSIGHT_IMPORT: insight_import.carry_out,
    INSIGHT_EMPTYING: insight_emptying.carry_out,
}


class DotdigitalSandbox:
    """Implements :class:`syncline_sandbox.control.VendorSandbox`."""

    def __init__(self, context: SandboxContext) -> None:
        self._context = context
        self._snapshots = context.data_dir / "snapshots"
        self._connection = open_store(context.data_dir)
        self._account = Account(self._connection, context.clock, context.faults)
        self._jobs = Jobs(self._account)
        self._happenings = Happenings(self._account)
        self._scoring = Scoring(self._account)
        self._rates = RateLimits(self._account)
        self._address = ""
        services = Services(self._account, self._jobs, self._happenings, self._rates, lambda: self._address)
        self._routes: list[Route] = [route for topic in TOPICS for route in topic.routes(services)]
        self._tiers = {route.label: route.tier for route in self._routes}
        for kind, work in WORK.items():
            self._jobs.register(kind, partial(work, self._account))

    @property
    def max_body_bytes(self) -> int:
        return MAX_BODY_BYTES

    @property
    def fault_kinds(self) -> frozenset[str]:
        return frozenset({"reject_record", "forbidden", *IMPORT_FAULTS})

    def middlewares(self) -> list[Middleware]:
        return [gate(self._account, self._catch_up, self._rates, self._tiers)]

    def add_routes(self, app: web.Application) -> None:
        for route in self._routes:
            app.router.add_route(route.method, route.path, route.handler)

    def add_control_routes(self, app: web.Application) -> None:
        control_routes(app, self._account, self._jobs, self._catch_up)

    def route_label(self, request: web.Request) -> str:
        return canonical_label(request)

    def fault_response(self, request: web.Request, fault: Fault) -> web.Response:
        if fault.kind == "expired_token" or fault.spec.status == 401:
            return unauthorized(request)
        if fault.kind == "rate_limit":
            return self._rate_limited(request)
        status = fault.spec.status
        if status == 403:
            return forbidden()
        if status == 429:
            return self._rate_limited(request)
        if not is_v2(request):
            return web.Response(status=status)
        code = {503: "ERROR_SYSTEM_SERVICETEMPORARILYUNAVAILABLE", 404: "ERROR_NOT_FOUND"}.get(status)
        return json_response({"message": fault.spec.code or code or "ERROR_UNKNOWN"}, status)

    def _rate_limited(self, request: web.Request) -> web.Response:
        if self._account.settings.rate_scheme == "flat":
            return flat_refusal()
        response = tiered_refusal()
        tier = self._tiers.get(request["route_label"], Tier.MEDIUM)
        response.headers.update(self._rates.exhausted_headers(tier))
        return response

    def ssl_context(self) -> ssl.SSLContext | None:
        return None

    def ready_line(self, base_url: str, tls_base_url: str | None) -> dict[str, str]:
        self._address = base_url
        return {"base_url": base_url, "api_user": API_USER, "api_password": API_PASSWORD}

    def reset(self, seed: str) -> None:
        empty_store(self._connection)
        self._reload()
        with Transaction(self._connection):
            self._account.fields.add_built_in()
            lists.add_reserved(self._connection)
            campaigns.add_default_address(self._account)
        if seed == "demo":
            demo.plant(self._account, self._happenings)
        self._reload()

    def seed(self, body: dict[str, Any]) -> dict[str, Any]:
        return seeding.seed(self._account, self._happenings, body)

    def snapshot(self, name: str) -> None:
        snapshots.save(self._connection, self._snapshots, name)

    def restore(self, name: str) -> None:
        snapshots.load(self._connection, self._snapshots, name)
        # A snapshot of an older version lacks the tables that came since.
        add_missing_tables(self._connection)
        self._reload()

    def settings(self) -> dict[str, Any]:
        return {
            name: getattr(self._account.settings, name) for name in self._account.settings.__struct_fields__
        }

    def change_settings(self, changes: dict[str, Any]) -> None:
        self._account.keep_settings(self._account.settings.changed(changes))

    def close(self) -> None:
        self._connection.close()

    def _catch_up(self) -> None:
        """Do everything whose moment has come by the soft clock."""
        self._jobs.run_due()
        self._happenings.catch_up()
        self._scoring.catch_up()

    def _reload(self) -> None:
        self._account.reload()
        self._jobs.reload()
        self._happenings.reload()
        self._scoring.reload()
        self._rates.clear()
