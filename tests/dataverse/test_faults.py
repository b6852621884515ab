"""What goes wrong on the way to Dataverse, and limits kept."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx2
import pytest

from dataverse.conftest import environment_of, new_contacts
from remote.stopped_clock import SandboxClock
from sandbox_process import Control, DataverseSandbox
from syncline.dataverse import Dataverse, Patience, Retryable
from syncline.dataverse.session import no_cookies


@pytest.mark.parametrize("kind", ["cut", "torn_page", "lost_answer", "status"])
def test_a_page_is_asked_for_again(client: Dataverse, control: Control, kind: str) -> None:
    ids = new_contacts(client, 40)
    control.fault(kind, method="GET", match="contacts", times=2)
    found = [row["contactid"] for page in client.pages("contacts", page_size=15) for row in page.rows]
    assert sorted(found) == sorted(ids)


def test_a_delta_is_asked_for_again(client: Dataverse, control: Control) -> None:
    ids = new_contacts(client, 40)
    control.fault("torn_page", method="GET", match="skiptoken", times=1)
    found = [
        row["contactid"] for page in client.delta("contacts", ["lastname"], page_size=15) for row in page.rows
    ]
    assert sorted(found) == sorted(ids)


def test_throttling_is_waited_out_as_long_as_it_says(
    client: Dataverse, control: Control, clock: SandboxClock
) -> None:
    control.fault("rate_limit", route="*WhoAmI*", retry_after_s=17, times=2)
    assert client.who_am_i().user_id
    assert sum(clock.slept_s) == pytest.approx(34, abs=1)


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_login_server_is_waited_for_as_long_as_it_says(
    client: Dataverse, control: Control, clock: SandboxClock, status: int
) -> None:
    control.fault("status", route="*/token", status=status, retry_after_s=7, times=2)
    assert client.who_am_i().user_id
    assert clock.slept_s == [7, 7]


def test_throttling_beyond_patience_goes_to_the_caller(
    dataverse: DataverseSandbox, control: Control, clock: SandboxClock
) -> None:
    control.fault("rate_limit", route="*WhoAmI*", retry_after_s=500, times=None)
    patience = Patience(patience_s=100)
    with (
        Dataverse(environment_of(dataverse), clock=clock, patience=patience) as client,
        pytest.raises(Retryable) as caught,
    ):
        client.who_am_i()
    assert caught.value.after_s == 500
    assert not caught.value.outcome_unknown
    assert clock.slept_s == []


def test_the_services_own_window_is_kept(client: Dataverse, control: Control, clock: SandboxClock) -> None:
    control.settings(limit_requests=10)
    for _ in range(25):
        client.who_am_i()
    assert clock.slept_s


def test_no_more_calls_are_under_way_than_the_service_suggests(
    dataverse: DataverseSandbox, control: Control
) -> None:
    control.settings(dop_hint=2, limit_concurrency=2)
    with Dataverse(environment_of(dataverse), patience=Patience(attempts=1)) as client:
        client.who_am_i()
        failures: list[Exception] = []

        def many_calls() -> None:
            try:
                for _ in range(10):
                    client.who_am_i()
            except Retryable as error:
                failures.append(error)

        threads = [threading.Thread(target=many_calls) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []


def test_an_answer_that_is_not_json_is_not_taken_for_one(client: Dataverse, control: Control) -> None:
    control.fault("status", route="*WhoAmI*", status=200, body="<html>maintenance</html>", times=None)
    with pytest.raises(Retryable, match="JSON"):
        client.who_am_i()


def test_half_a_character_in_one_row_does_not_cost_the_page(client: Dataverse, control: Control) -> None:
    body = '{"value":[{"contactid":"1","lastname":"cut \\ud83d"},{"contactid":"2","lastname":"whole"}]}'
    control.fault("status", route="GET /contacts", status=200, body=body)
    [page] = client.pages("contacts")
    assert [row["lastname"] for row in page.rows] == ["cut \ufffd", "whole"]


class _Sticky(BaseHTTPRequestHandler):
    """A server behind a balancer: it gives each caller a cookie and tells which one came back."""

    def do_GET(self) -> None:
        body = (self.headers.get("Cookie") or "none").encode()
        self.send_response(200)
        self.send_header("Set-Cookie", "ARRAffinity=server-1; Path=/")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        return


def test_no_cookie_ties_us_to_one_server() -> None:
    with HTTPServer(("127.0.0.1", 0), _Sticky) as server, httpx2.Client(cookies=no_cookies()) as http:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            answers = [http.get(f"http://127.0.0.1:{server.server_port}/").text for _ in range(2)]
        finally:
            server.shutdown()
            thread.join()
    assert answers == ["none", "none"]
