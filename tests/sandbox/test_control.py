"""The control address and the command line, which both sandboxes share; tried on the Dotdigital one."""

from __future__ import annotations

import base64
import http.client
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from sandbox_process import ControlRefused, DotdigitalSandbox, start_dotdigital

PATH = "/v2/address-books"


def call(sandbox: DotdigitalSandbox, method: str, path: str, body: object = None) -> tuple[int, bytes]:
    token = base64.b64encode(f"{sandbox.api_user}:{sandbox.api_password}".encode()).decode()
    connection = http.client.HTTPConnection(urlsplit(sandbox.base_url).netloc, timeout=20)
    try:
        headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def list_names(sandbox: DotdigitalSandbox) -> list[str]:
    return [entry["name"] for entry in json.loads(call(sandbox, "GET", PATH)[1])][2:]


@pytest.fixture
def sandbox(dotdigital: DotdigitalSandbox) -> Iterator[DotdigitalSandbox]:
    yield dotdigital
    dotdigital.control.reset()


def test_the_journal_counts_by_route_and_control_calls_are_not_in_it(sandbox: DotdigitalSandbox) -> None:
    body = {"name": "News"}
    call(sandbox, "POST", PATH, body)
    _, page = call(sandbox, "GET", PATH)
    call(sandbox, "GET", PATH + "/4711")
    call(sandbox, "GET", "/nowhere")
    report = sandbox.control.journal()
    assert set(report["routes"]) == {f"POST {PATH}", f"GET {PATH}", f"GET {PATH}/{{id}}", "GET (unknown)"}
    tally = report["routes"][f"GET {PATH}"]
    assert tally == {"calls": 1, "rows": 3, "bytes_in": 0, "bytes_out": len(page), "statuses": {"200": 1}}
    assert report["routes"][f"POST {PATH}"]["bytes_in"] == len(json.dumps(body))
    assert report["routes"][f"GET {PATH}/{{id}}"]["statuses"] == {"404": 1}
    assert report["cpu_s"] > 0
    log = sandbox.control.journal(log=2)["log"]
    assert [(entry["method"], entry["path"], entry["status"]) for entry in log] == [
        ("GET", f"{PATH}/4711", 404),
        ("GET", "/nowhere", 404),
    ]
    sandbox.control.clear_journal()
    assert sandbox.control.journal()["routes"] == {}


def test_cut_happens_before_the_effect_and_lost_answer_after_it(sandbox: DotdigitalSandbox) -> None:
    for kind, expected in (("cut", []), ("lost_answer", ["News"])):
        sandbox.control.fault(kind, route=f"POST {PATH}")
        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
            call(sandbox, "POST", PATH, {"name": "News"})
        assert list_names(sandbox) == expected
    assert sandbox.control.journal()["routes"][f"POST {PATH}"]["statuses"] == {"0": 2}
    assert sandbox.control.journal(log=1)["log"][0]["fault"] == "cut"


def test_a_torn_page_promises_more_than_it_brings(sandbox: DotdigitalSandbox) -> None:
    sandbox.control.seed(count=2000)
    _, whole = call(sandbox, "GET", "/contacts/v3")
    sandbox.control.fault("torn_page", route="GET /contacts/v3")
    with pytest.raises(http.client.IncompleteRead) as torn:
        call(sandbox, "GET", "/contacts/v3")
    assert torn.value.partial == whole[: len(whole) // 2]
    assert call(sandbox, "GET", "/contacts/v3")[0] == 200


def test_faults_wait_strike_and_are_spent(sandbox: DotdigitalSandbox) -> None:
    number = sandbox.control.fault("status", status=500, route="/v2/*", after=1, times=2)
    assert [call(sandbox, "GET", PATH)[0] for _ in range(4)] == [200, 500, 500, 200]
    (fault,) = sandbox.control.faults()
    assert (fault["id"], fault["seen"], fault["struck"]) == (number, 3, 2)
    sandbox.control.fault("status", status=500, times=None, method="POST")
    assert call(sandbox, "GET", PATH)[0] == 200
    assert call(sandbox, "POST", PATH, {"name": "X"})[0] == 500
    sandbox.control.clear_faults()
    assert call(sandbox, "POST", PATH, {"name": "X"})[0] == 201


def test_a_fault_may_look_for_a_text_in_path_or_body(sandbox: DotdigitalSandbox) -> None:
    sandbox.control.fault("status", status=500, match="poison", times=None, body={"message": "own words"})
    assert call(sandbox, "POST", PATH, {"name": "food"})[0] == 201
    assert call(sandbox, "POST", PATH, {"name": "poison"}) == (500, b'{"message":"own words"}')
    assert call(sandbox, "GET", PATH + "?x=poison")[0] == 500


def test_wrong_control_requests_say_why(sandbox: DotdigitalSandbox) -> None:
    control = sandbox.control
    for method, path, body, words in (
        ("POST", "reset", {"seed": "much"}, "seed is one of"),
        ("POST", "faults", {"kind": "earthquake"}, "kind is one of"),
        ("POST", "faults", {"kind": "cut", "tims": 1}, "tims"),
        ("DELETE", "faults/77", None, "no fault 77"),
        ("POST", "clock", {"now": "yesterday"}, "yesterday"),
        ("POST", "clock", {}, "advance_s"),
        ("POST", "restore", {"name": "never"}, "no snapshot"),
        ("POST", "snapshot", {"name": "../up"}, "not a usable"),
        ("POST", "settings", {"rate_scheme": "free"}, "rate_scheme"),
        ("POST", "settings", {"no_such": 1}, "no_such"),
        ("POST", "seed", {"contacts": [{"emial": "x"}]}, "emial"),
        ("GET", "nothing", None, "Not Found"),
    ):
        with pytest.raises(ControlRefused, match=words):
            control.call(method, path, body)


def test_the_clock_runs_on_from_where_it_is_set(sandbox: DotdigitalSandbox) -> None:
    sandbox.control.set_clock("2031-01-01T00:00:00Z")
    sandbox.control.advance(3600)
    assert sandbox.control.now().startswith("2031-01-01T01:00:0")
    sandbox.control.real_time()
    assert sandbox.control.call("GET", "clock")["offset_s"] == 0


def test_snapshots_bring_back_data_and_settings(sandbox: DotdigitalSandbox) -> None:
    control = sandbox.control
    call(sandbox, "POST", PATH, {"name": "Kept"})
    control.settings(import_delay_s=7)
    control.snapshot("before")
    call(sandbox, "POST", PATH, {"name": "Lost"})
    control.settings(import_delay_s=9)
    control.restore("before")
    assert list_names(sandbox) == ["Kept"]
    assert control.settings()["import_delay_s"] == 7


def test_reset_forgets_everything(sandbox: DotdigitalSandbox) -> None:
    control = sandbox.control
    call(sandbox, "POST", PATH, {"name": "News"})
    control.settings(list_limit=1)
    control.advance(1000)
    control.fault("cut", times=None)
    control.reset()
    assert list_names(sandbox) == []
    assert control.settings()["list_limit"] is None
    assert control.call("GET", "clock")["offset_s"] == 0
    assert control.faults() == []


def test_state_survives_a_restart_even_after_a_kill(tmp_path: Path) -> None:
    with start_dotdigital(tmp_path) as sandbox:
        call(sandbox, "POST", PATH, {"name": "News"})
        sandbox.control.settings(import_delay_s=500)
        sandbox.control.advance(86_400)
        body = {"contacts": [{"matchIdentifier": "email", "identifiers": {"email": "a@p.example"}}]}
        call(sandbox, "PUT", "/contacts/v3/import", body)
        sandbox.stop(signal.SIGKILL)
    with start_dotdigital(tmp_path, seed="demo") as sandbox:
        assert list_names(sandbox) == ["News"]
        assert sandbox.control.call("GET", "clock")["offset_s"] == pytest.approx(86_400)
        sandbox.control.advance(600)
        assert call(sandbox, "GET", "/v2/contacts/count") == (200, b"1")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    with start_dotdigital(tmp_path) as sandbox:
        assert set(sandbox.ready) == {"base_url", "api_user", "api_password", "control_url"}
        assert not sandbox.base_url.endswith("/")
        assert sandbox.stop(number) == 0
        assert sandbox.process.stdout is not None
        assert sandbox.process.stdout.read() == ""
    assert (tmp_path / "stderr.txt").read_text() == ""


def test_a_port_that_is_taken_is_said_in_words(sandbox: DotdigitalSandbox, tmp_path: Path) -> None:
    port = str(urlsplit(sandbox.base_url).port)
    command = [
        sys.executable,
        "-m",
        "syncline_sandbox",
        "dotdigital",
        "--data",
        str(tmp_path),
        "--port",
        port,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot start" in done.stderr
