"""`python -m bench.bench_sync`: a list of 100,000 contacts from Dynamics to Dotdigital, beside a bare script.

Four runs of the list sync: everything, 1 % changed, 1 % changed again, nothing changed. For each: time, CPU
and memory as ratios to the bare script measured in the same run on the same sandboxes, and calls on each side
against the least that the contracts allow.

The second run also reads back what the first one wrote, for Dotdigital's `~modified` feed does not tell our
own writes from others' (1 call per 5,000 rows; contract §12, "Lists in, changes"). The third shows the steady
state.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from bench.bare_sync import FIELDS
from sandbox_process import DataverseSandbox, DotdigitalSandbox, start_dataverse, start_dotdigital
from syncline.dotdigital import Account, Dotdigital

READ_PAGE, IMPORT_ROWS = 5_000, 10_000
DOTDIGITAL = ("base_url", "api_user", "api_password")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--contacts", type=int, default=100_000)
    count = parser.parse_args().contacts
    with tempfile.TemporaryDirectory(prefix="syncline-bench-") as folder:
        home = Path(folder)
        with (
            start_dataverse(home / "dataverse") as dataverse,
            start_dotdigital(home / "dotdigital") as dotdigital,
        ):
            bench(count, home, dataverse, dotdigital)


def bench(count: int, home: Path, dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox) -> None:
    bare, settings = set_the_scene(count, home, dataverse, dotdigital)
    one_percent = max(1, count // 100)
    for name, changed, echo in (
        ("everything", count, 0),
        ("1 % changed", one_percent, count),
        ("1 % changed again", one_percent, one_percent),
        ("nothing changed", 0, one_percent),
    ):
        if name.startswith("1 %"):
            values = {"jobtitle": f"{name} {{n}}"}
            dataverse.control.seed(touch={"table": "contact", "count": one_percent, "set": values})
        forget(dataverse, dotdigital)
        result = run_sync(settings)
        print(line(name, result, bare, dataverse, dotdigital, least(name, count, changed, echo)), flush=True)
        pass_time(dataverse, dotdigital)


def set_the_scene(
    count: int, home: Path, dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox
) -> tuple[dict[str, float], dict[str, str]]:
    """Contacts on one side, nobody on the other: what the bare script took, and the settings of a Syncline
    that knows both.
    """
    print(f"{count:,} contacts, {len(FIELDS)} mapped columns, one static list", flush=True)
    print("Filling the Dataverse sandbox ...", flush=True)
    # The rows are a day old: those of the last minutes are read twice, by the sweep that closes a first load.
    dataverse.control.advance(-86_400)
    dataverse.control.seed(table="contact", count=count, list={"listname": "Everybody", "createdfromcode": 2})
    dataverse.control.real_time()
    settle_at_once(dotdigital)
    bare = run_bare(dataverse, dotdigital)
    print(
        f"\nBare script: {bare['wall_s']:.2f} s, CPU {bare['cpu_s']:.2f} s, peak {bare['peak_mib']:.0f} MiB"
    )
    dotdigital.control.reset("empty")
    settle_at_once(dotdigital)
    settings = {**os.environ, "SYNCLINE_HOME": str(home / "syncline"), "SYNCLINE_ALLOW_LOOPBACK": "1"}
    prepare(dataverse, dotdigital, settings)
    header = f"\n{'run':<22}{'time':>7}{'CPU':>7}{'peak':>10}{'created':>9}{'updated':>9}   calls (least)"
    print(header, flush=True)
    return bare, settings


def settle_at_once(dotdigital: DotdigitalSandbox) -> None:
    """Imports take no time and no limit slows anybody down: what is measured is Syncline and not waiting."""
    dotdigital.control.settings(rate_scheme="off", import_delay_s=0, import_delay_per_row_s=0)


def pass_time(dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox) -> None:
    """Real schedules leave time between runs; without it the overlap of five minutes reads everything
    again.
    """
    for sandbox in (dataverse, dotdigital):
        sandbox.control.advance(3600)


def forget(dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox) -> None:
    dataverse.control.clear_journal()
    dotdigital.control.clear_journal()


def run_bare(dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox) -> dict[str, float]:
    account = Account(
        base_url=dotdigital.base_url, api_user=dotdigital.api_user, api_password=dotdigital.api_password
    )
    with Dotdigital(account) as client:
        for label in ("JOBTITLE", "PHONE"):
            client.create_data_field(label, "String")
        book = client.create_address_book("Bare")
    told = python(
        "bench.bare_sync", *for_a_script(dataverse, dotdigital), str(book.id), settings=dict(os.environ)
    )
    return {key: float(value) for key, value in told.items()}


def for_a_script(dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox) -> tuple[str, str]:
    """How a bare script reaches both sides, as its first two words."""
    crm = ("base_url", "token_url", "client_id", "client_secret")
    return told_of(dataverse, crm), told_of(dotdigital, DOTDIGITAL)


def told_of(sandbox: DataverseSandbox | DotdigitalSandbox, names: Sequence[str]) -> str:
    return json.dumps({name: str(getattr(sandbox, name)) for name in names})


def prepare(dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox, settings: dict[str, str]) -> None:
    """An account with the list activated and six columns mapped."""
    crm = ("base_url", "authority", "ca_file", "tenant_id", "client_id", "client_secret")
    sides = told_of(dataverse, crm), told_of(dotdigital, DOTDIGITAL)
    python("bench.prepare_account", *sides, json.dumps(FIELDS), settings=settings)


def run_sync(settings: dict[str, str], what: str = "sync") -> dict[str, Any]:
    return python("bench.one_sync", what, settings=settings)


def python(module: str, *words: str, settings: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", module, *words], env=settings, check=False, stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        sys.exit(f"{module} ended with {done.returncode}")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def least(name: str, count: int, changed: int, echo: int) -> tuple[int, int]:
    """The least calls by the contracts: (Dataverse, Dotdigital), for rows alone; what every run asks besides
    is shown apart.
    """
    dataverse_rows = 2 * count if name == "everything" else changed
    dotdigital_calls = math.ceil(echo / READ_PAGE) + 2 * math.ceil(changed / IMPORT_ROWS)
    reads = (
        2 * math.ceil(dataverse_rows / 2 / READ_PAGE)
        if name == "everything"
        else math.ceil(dataverse_rows / READ_PAGE)
    )
    return reads, dotdigital_calls


def line(
    name: str,
    result: dict[str, Any],
    bare: dict[str, float],
    dataverse: DataverseSandbox,
    dotdigital: DotdigitalSandbox,
    fewest: tuple[int, int],
) -> str:
    crm, mail = calls(dataverse), calls(dotdigital)
    return (
        f"{name:<22}{result['wall_s'] / bare['wall_s']:>6.2f}×{result['cpu_s'] / bare['cpu_s']:>6.2f}×"
        f"{result['peak_mib']:>6.0f} MiB{result['created']:>9,}{result['updated']:>9,}   "
        f"Dataverse {sum(crm.values())} ({fewest[0]}), Dotdigital {sum(mail.values())} ({fewest[1]})\n"
        f"{'':22}{spelled(crm)}\n{'':22}{spelled(mail)}"
    )


def calls(sandbox: DataverseSandbox | DotdigitalSandbox) -> dict[str, int]:
    routes = sandbox.control.journal()["routes"]
    return {route: numbers["calls"] for route, numbers in routes.items()}


def spelled(counted: dict[str, int]) -> str:
    return ", ".join(
        f"{route} ×{number}" for route, number in sorted(counted.items(), key=lambda item: -item[1])
    )


if __name__ == "__main__":
    main()
