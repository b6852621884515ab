"""Looking at runs, starting and stopping them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from api.conftest import Program, items
from console.world import Past, make_account, make_run
from syncline.accounts.models import EmailAccount
from syncline.accounts.roles import Role
from syncline.ledger.models import Run, RunStatus


def runs_of(account: EmailAccount) -> str:
    return f"/api/v1/accounts/{account.pk}/runs"


class TestLooking:
    def test_a_run_is_told_in_full(self, viewer: Client, past: Past) -> None:
        told = viewer.get(f"/api/v1/runs/{past.run.key}").json()
        assert told["number"] == past.run.pk
        assert told["status"] == "completed_with_errors"
        assert told["counts"] == {
            "read": 5, "created": 1, "updated": 1, "removed": 0, "unchanged": 1, "skipped": 1, "rejected": 1,
        }  # fmt: skip
        assert told["message"]["text"] == "1 of 5 records was not accepted"
        assert told["started_at"].endswith("Z")

    def test_its_lists_are_its_parts(self, viewer: Client, past: Past) -> None:
        parts = items(viewer.get(f"/api/v1/runs/{past.run.key}/parts"))
        assert [(part["name"], part["list_id"]) for part in parts] == [
            ("Newsletter", past.newsletter.reference),
            ("Events in Zürich", past.events.reference),
        ]
        assert "Dave was left out" in parts[0]["notes"]

    def test_the_newest_come_first_page_by_page(self, viewer: Client, contoso: EmailAccount) -> None:
        made = [make_run(contoso).pk for _ in range(5)]
        make_run(make_account("Fabrikam"))
        seen, after = [], ""
        while after is not None:
            answer = viewer.get(runs_of(contoso), {"limit": 2, "after": after}).json()
            seen += [one["number"] for one in answer["items"]]
            after = answer["next"]
        assert seen == made[::-1]

    @pytest.mark.parametrize(
        ("question", "found"),
        [
            ({"sync_type": "labels"}, ["labels"]),
            ({"status": "failed"}, ["labels"]),
            ({"purpose": "undo"}, []),
            ({"started_from": "2026-03-02T00:00:00Z"}, ["lists_out"]),
            ({"started_before": "2026-03-02T02:00:00+02:00"}, ["labels"]),
            ({}, ["lists_out", "labels"]),
        ],
    )
    def test_they_can_be_filtered(
        self, question: dict[str, str], found: list[str], viewer: Client, contoso: EmailAccount
    ) -> None:
        day = timedelta(days=1)
        first = datetime(2026, 3, 1, 12, tzinfo=UTC)
        make_run(contoso, "labels", started_at=first, status=RunStatus.FAILED)
        make_run(contoso, "lists_out", started_at=first + day)
        assert [one["sync_type"] for one in items(viewer.get(runs_of(contoso), question))] == found


class TestStarting:
    def start(self, client: Client, account: EmailAccount, kind: str = "lists_out", body: Any = None) -> Any:
        address = f"/api/v1/accounts/{account.pk}/sync-types/{kind}/runs"
        if body is None:
            return client.generic("POST", address)
        return client.post(address, body, content_type="application/json")

    def test_a_sync_is_queued_in_the_tokens_name(self, manager: Client, contoso: EmailAccount) -> None:
        answer = self.start(manager, contoso)
        assert answer.status_code == 202
        run = Run.objects.get(key=answer.json()["key"])
        assert (run.status, run.requested_by) == (RunStatus.QUEUED, "API token manager program")

    def test_asking_twice_never_makes_two(self, manager: Client, contoso: EmailAccount) -> None:
        first, second = self.start(manager, contoso), self.start(manager, contoso)
        assert first.json()["key"] == second.json()["key"]

    def test_only_some_lists(self, manager: Client, past: Past) -> None:
        newsletter = past.newsletter.reference
        answer = self.start(manager, past.run.account, body={"lists": [newsletter]})
        assert answer.json()["lists"] == [newsletter]

    @pytest.mark.parametrize(
        ("kind", "body", "code"),
        [
            ("lists_out", {"lists": [999_999]}, "lists_unknown"),
            ("labels", {"lists": [1]}, "lists_not_possible"),
            ("lists_out", {"list": [1]}, "invalid_request"),
            ("lists_out", {"lists": "all"}, "invalid_request"),
        ],
    )
    def test_what_cannot_be_meant_is_refused(
        self, kind: str, body: object, code: str, manager: Client, contoso: EmailAccount
    ) -> None:
        answer = self.start(manager, contoso, kind, body)
        assert answer.status_code == 422
        assert answer.json()["error"]["code"] == code
        assert not Run.objects.exists()

    def test_another_accounts_list_is_not_ours(self, manager: Client, past: Past) -> None:
        fabrikam = make_account("Fabrikam")
        answer = self.start(manager, fabrikam, body={"lists": [past.newsletter.reference]})
        assert answer.json()["error"]["code"] == "lists_unknown"

    def test_a_disabled_account_starts_nothing(self, manager: Client) -> None:
        answer = self.start(manager, make_account("Fabrikam", disabled=True))
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "account_disabled")

    def test_a_sync_type_that_does_not_exist(self, manager: Client, contoso: EmailAccount) -> None:
        answer = self.start(manager, contoso, "teleport")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_such_sync_type")


class TestCancelling:
    def test_a_waiting_run_is_taken_off_the_queue(self, manager: Client, contoso: EmailAccount) -> None:
        run = make_run(contoso, status=RunStatus.QUEUED)
        answer = manager.post(f"/api/v1/runs/{run.key}/cancel")
        assert (answer.status_code, answer.json()["status"]) == (202, "cancelled")

    def test_a_running_one_is_asked_to_stop(self, manager: Client, contoso: EmailAccount) -> None:
        run = make_run(contoso, status=RunStatus.RUNNING)
        assert manager.post(f"/api/v1/runs/{run.key}/cancel").json()["status"] == "running"
        run.refresh_from_db()
        assert run.cancel_requested_by == "API token manager program"

    def test_one_that_has_ended_is_left_alone(self, manager: Client, past: Past) -> None:
        answer = manager.post(f"/api/v1/runs/{past.run.key}/cancel")
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "run_ended")


class TestRefusals:
    @pytest.mark.parametrize(
        ("method", "address", "status", "code"),
        [
            ("GET", "/api/v1/nonsense", 404, "no_such_address"),
            ("GET", "/api/v1/", 404, "no_such_address"),
            ("GET", "/api/v2/accounts", 404, "no_such_address"),
            ("GET", "/api/v1/accounts/999999", 404, "no_such_account"),
            ("GET", "/api/v1/runs/3f0b6c1e-0000-4000-8000-000000000000", 404, "no_such_run"),
            ("DELETE", "/api/v1/accounts", 405, "method_not_allowed"),
            ("GET", "/api/v1/accounts?limit=0", 422, "invalid_request"),
            ("GET", "/api/v1/accounts?after=x", 422, "invalid_request"),
        ],
    )
    def test_every_refusal_has_one_shape(
        self, method: str, address: str, status: int, code: str, viewer: Client
    ) -> None:
        answer = viewer.generic(method, address)
        assert answer.status_code == status
        assert answer.headers["Content-Type"] == "application/json"
        assert set(answer.json()["error"]) == {"code", "message", "remedy"}
        assert answer.json()["error"]["code"] == code
        assert int(answer.headers["Content-Length"]) == len(answer.content)

    def test_a_body_that_is_no_json(self, program: Program, contoso: EmailAccount) -> None:
        answer = program(Role.MANAGER).post(
            f"/api/v1/accounts/{contoso.pk}/sync-types/lists_out/runs", "{", content_type="application/json"
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")

    def test_a_host_that_is_not_ours(self) -> None:
        answer = Client(headers={"host": "elsewhere.example"}).get("/api/v1/accounts")
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")

    def test_a_fault_of_ours(self, viewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(_: int) -> None:
            raise ZeroDivisionError("a secret detail")

        monkeypatch.setattr("syncline.api.accounts.account_of", fail)
        viewer.raise_request_exception = False
        answer = viewer.get("/api/v1/accounts/1")
        assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
        assert b"secret" not in answer.content
