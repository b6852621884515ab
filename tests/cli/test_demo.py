"""`make demo` as a person meets it: real processes, and nothing left of them afterwards."""

from __future__ import annotations

import base64
import http.cookiejar
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dataverse.conftest import environment_of
from dotdigital.conftest import account_of
from sandbox_process import start_dataverse, start_dotdigital
from syncline.cli.demo_people import BY_HAND
from syncline.cli.demo_processes import Processes, stop_leftovers
from syncline.cli.output import Stop
from syncline.dataverse import Dataverse
from syncline.dotdigital import Dotdigital
from syncline.provisioning import consent_tables

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 300

pytestmark = pytest.mark.one_database


@dataclass(frozen=True)
class Folder:
    """Where somebody tries the demo."""

    path: Path

    @property
    def home(self) -> Path:
        return self.path / "var" / "demo"

    def start(self, *options: str, **settings: str) -> subprocess.Popen[str]:
        environment = {name: text for name, text in os.environ.items() if not name.startswith("SYNCLINE_")}
        environment |= {"HOME": str(self.path), "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "200", **settings}
        return subprocess.Popen(
            [sys.executable, "-m", "syncline", "demo", *options],
            cwd=self.path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def survivors(self) -> list[int]:
        """Processes that were started with this folder's home, by whomever."""
        marked = f"SYNCLINE_HOME={self.home}\0".encode()
        return [int(one.parent.name) for one in Path("/proc").glob("[0-9]*/environ") if marked in _read(one)]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""  # It has ended meanwhile.


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return Folder(tmp_path_factory.mktemp("somewhere"))


@pytest.fixture(scope="module")
def first(folder: Folder) -> str:
    """What the first demo in the folder says. Settings of another installation must not reach it."""
    demo = folder.start("--once", "--port", "0", SYNCLINE_HTTPS="1", SYNCLINE_HOME=str(folder.path / "other"))
    told, _ = demo.communicate(timeout=PATIENCE_S)
    assert demo.returncode == 0, told
    return told


class Visitor:
    """Somebody with a browser, but without a screen."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies))

    def read(self, path: str) -> str:
        with self._opener.open(self._address + path, timeout=30) as answer:
            return str(answer.read().decode())

    def send(self, path: str, **form: str) -> str:
        form["csrfmiddlewaretoken"] = next(c.value or "" for c in self._cookies if c.name == "csrftoken")
        body = urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(self._address + path, body, {"Referer": self._address})
        with self._opener.open(request, timeout=30) as answer:
            return str(answer.read().decode())


@pytest.fixture(scope="module")
def second(folder: Folder, first: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The demo a second time, staying up; with what it has said until then."""
    demo = folder.start("--port", "0")
    assert demo.stdout is not None
    lines = []
    for line in demo.stdout:
        lines.append(line)
        if "Ctrl-C stops everything" in line:
            break
    try:
        yield demo, "".join(lines)
    finally:
        demo.terminate()
        demo.communicate(timeout=PATIENCE_S)


def test_the_first_demo_tells_what_went_where_and_why(first: str) -> None:
    for sentence in (
        "Nothing leaves this machine.",
        "$ syncline account add",
        "✓ Added Northwind Outdoor",
        "Newsletter → Dynamics: ",
        "Newsletter → Dotdigital: ",
        "left out: The address is on Dotdigital's suppression list",
        "left out: The record has no e-mail address: such as",
        "held ",
        "The console is at http://127.0.0.1:",
        "Sign in as demo with the password",
        "Everything is stopped.",
    ):
        assert sentence in first


def test_both_sides_hold_what_was_done_on_the_other(first: str) -> None:
    _, _, looked_at = first.partition("A look into Dynamics and Dotdigital themselves:")
    marks = re.findall(r"^  ([✓✗])", looked_at, re.MULTILINE)
    assert marks == ["✓"] * 4, looked_at


def test_worker_lines_do_not_clutter_the_screen(first: str) -> None:
    assert "action=" not in first
    assert "[info" not in first


def test_members_of_the_marketing_list_are_in_dotdigital(folder: Folder, first: str) -> None:
    with start_dotdigital(folder.home / "dotdigital", seed="demo") as dotdigital:
        login = base64.b64encode(f"{dotdigital.api_user}:{dotdigital.api_password}".encode()).decode()

        def ask(path: str) -> Any:
            headers = {"Authorization": f"Basic {login}"}
            with urllib.request.urlopen(
                urllib.request.Request(dotdigital.base_url + path, headers=headers)
            ) as answer:
                return json.loads(answer.read())

        lists = {one["name"]: one for one in ask("/v2/address-books")}
        assert lists["Spring fair visitors"]["contacts"] == 64
        assert "Printed catalogue" not in lists


def test_people_are_on_the_suppression_lists_of_both_sides(folder: Folder, first: str) -> None:
    assert "colleagues put 3 people on the new suppression list by hand" in first
    with (
        start_dataverse(folder.home / "dataverse", seed="demo") as sandbox,
        Dataverse(environment_of(sandbox)) as crm,
    ):
        (page,) = crm.delta("syncline_suppressedemails", ["syncline_email", "syncline_addedby"])
    assert {(row["syncline_email"], row["syncline_addedby"]) for row in page.rows} == {
        (address, consent_tables.BY_HAND) for address in BY_HAND
    }
    with (
        start_dotdigital(folder.home / "dotdigital", seed="demo") as account,
        Dotdigital(account_of(account)) as mail,
    ):
        pages = mail.suppressed_since(datetime(2000, 1, 1, tzinfo=UTC))
        reasons = {one.reason for page in pages for one in page.suppressions}
    assert len(reasons) == 8


def test_no_process_survives_a_demo_that_ends(folder: Folder, first: str) -> None:
    assert folder.survivors() == []


def test_the_second_demo_goes_on_with_the_same_data(first: str, second: tuple[Any, str]) -> None:
    _, told = second
    assert "The same data as last time" in told
    assert "account add" not in told
    assert re.search(r"Two-way marketing list sync: Completed in \S+ s: nothing new", told)
    password = re.search(r"with the password (\S+)", first)
    assert password and password[0] in told


def test_a_demo_runs_once_in_a_folder(folder: Folder, second: tuple[Any, str]) -> None:
    other = folder.start("--once")
    told, _ = other.communicate(timeout=PATIENCE_S)
    assert other.returncode == 1
    assert "The demo is running already" in told


@pytest.fixture(scope="module")
def visitor(second: tuple[Any, str]) -> Visitor:
    """Somebody who has signed in as the demo says."""
    _, told = second
    address = re.search(r"console is at (http://\S+)/", told)
    password = re.search(r"with the password (\S+)", told)
    assert address and password
    visitor = Visitor(address[1])
    visitor.read("/sign-in")
    assert "Active Email Accounts" in visitor.send("/sign-in", username="demo", password=password[1])
    return visitor


def test_a_campaign_shows_how_it_went_and_who_opened_it(visitor: Visitor) -> None:
    campaigns = "/settings/email-accounts/1/campaigns/"
    (latest, *_) = re.findall(rf'href="({campaigns}\d+/)"', visitor.read(campaigns))
    page = visitor.read(latest)
    assert "Opens and clicks by day" in page
    assert page.count("Carried over</span>") == 5
    assert "Why?" in visitor.read(f"{latest}opened")


def test_sync_now_in_the_console_is_carried_out_by_the_worker(visitor: Visitor) -> None:
    account = "/settings/email-accounts/1"
    deadline = time.monotonic() + 60
    # At some full hours the schedule has just put one into the queue: then ours comes after it.
    while "sync was added to the queue." not in (
        answer := visitor.send(f"{account}/schedule/lists_out/sync-now")
    ):
        assert "is in the queue already" in answer
        assert time.monotonic() < deadline
        time.sleep(0.5)
    audit = f"{account}/audit/?sync_type=lists_out"
    while "Manual by demo" not in (page := visitor.read(audit)) or "In Progress</span>" in page:
        assert time.monotonic() < deadline, page
        time.sleep(0.2)
    newest = page[page.index("MarketingListsDataOut</a>") :]
    newest = newest[: newest.index("</tr>")]
    assert "Manual by demo" in newest
    assert "Completed</span>" in newest


def test_no_process_survives_a_demo_that_is_told_to_end(folder: Folder, second: tuple[Any, str]) -> None:
    demo, _ = second
    assert len(folder.survivors()) > 3  # Otherwise this could not fail.
    demo.send_signal(signal.SIGTERM)
    told, _ = demo.communicate(timeout=PATIENCE_S)
    assert demo.returncode == 0
    assert "Everything is stopped." in told
    assert folder.survivors() == []


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    with Processes(tmp_path, lambda _: None) as processes:
        yield processes
    for number, handler in handlers.items():
        signal.signal(number, handler)


def test_a_process_that_dies_ends_the_step_under_way(processes: Processes) -> None:
    sandbox = processes.sandbox("dotdigital")
    processes.ready_line(sandbox)
    sandbox.process.kill()
    sandbox.process.wait()
    with pytest.raises(Stop, match="The Dotdigital sandbox has ended by itself"):
        processes.run([sys.executable, "-c", "import time; time.sleep(600)"], "", show=False)
    assert sandbox.process.stdout is not None
    sandbox.process.stdout.close()


def test_a_taken_port_is_named(processes: Processes, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (tmp_path / "demo-ports.json").write_text(json.dumps({"dotdigital --port": port}))
        with pytest.raises(Stop, match=f"Port {port}, at which the account knows") as stopped:
            processes.sandbox("dotdigital")
        assert "make demo-reset" in stopped.value.remedy


def test_what_a_killed_demo_left_behind_is_stopped(tmp_path: Path) -> None:
    with start_dotdigital(tmp_path / "dotdigital") as left:
        (tmp_path / "demo-processes.json").write_text(json.dumps([left.pid, os.getpid()]))
        stop_leftovers(tmp_path)
        assert left.process.wait(10) == 0
    assert not (tmp_path / "demo-processes.json").exists()
