"""`python -m bench.bench_suppressions`: a first run of Suppressions over 1,000,000 suppressed people.

Everybody is suppressed in Dotdigital and a contact of Dynamics, which is the most that a first run can have
to do: a mark, a suppression record and an entry on the CRM suppression list for each. Taken at a tenth of the
size as well, for what counts is that memory does not grow with the account, and calls only with its pages.
The fuse is switched off, as an operator would for a first run that they have looked at.
"""

from __future__ import annotations

import argparse
import math
import os
import tempfile
from pathlib import Path
from typing import Any

from bench.bench_sync import calls, for_a_script, forget, pass_time, prepare, python, settle_at_once, spelled
from sandbox_process import DataverseSandbox, DotdigitalSandbox, start_dataverse, start_dotdigital

READ_PAGE, SUPPRESSED_PAGE = 5_000, 1_000
ROWS, ROWS_OF_CUSTOMERS = 1_000, 200
"""Rows in one message, for tables of our own and for those that customers extend."""
SEEDED_AT_A_TIME = 50_000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=1_000_000)
    count = parser.parse_args().people
    peaks = [measured(size) for size in (math.ceil(count / 10), count)]
    print(f"\nPeak memory at ten times the size: {peaks[1] / peaks[0]:.2f} ×")


def measured(count: int) -> float:
    """The peak of a first run over so many people."""
    with tempfile.TemporaryDirectory(prefix="syncline-bench-") as folder:
        home = Path(folder)
        with (
            start_dataverse(home / "dataverse") as dataverse,
            start_dotdigital(home / "dotdigital") as dotdigital,
        ):
            return bench(count, home, dataverse, dotdigital)


def bench(count: int, home: Path, dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox) -> float:
    print(f"\n{count:,} people, all suppressed in Dotdigital and all contacts of Dynamics", flush=True)
    fill(count, dataverse, dotdigital)
    settings = {**os.environ, "SYNCLINE_HOME": str(home / "syncline"), "SYNCLINE_ALLOW_LOOPBACK": "1"}
    prepare(dataverse, dotdigital, settings)
    python("bench.prepare_consent", settings=settings)
    print(f"{'run':<18}{'time':>9}{'CPU':>9}{'peak':>10}", flush=True)
    runs = {}
    for name, fewest in (("everything", least(count)), ("nothing changed", (0, 0))):
        forget(dataverse, dotdigital)
        runs[name] = python("bench.one_sync", "suppressions", settings=settings)
        print(line(name, runs[name]), f"{runs[name]['updated']:,} updated; calls (least):", flush=True)
        print(calls_line(fewest, calls(dataverse), calls(dotdigital)), flush=True)
        pass_time(dataverse, dotdigital)
    bare = run_bare(dataverse, dotdigital)
    print(line("bare script", bare))
    print(f"A first run takes {runs['everything']['cpu_s'] / bare['cpu_s']:.1f} × the CPU of the bare script")
    return float(runs["everything"]["peak_mib"])


def fill(count: int, dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox) -> None:
    # The rows are a day old: those of the last minutes are read twice, by the sweep that closes a first load.
    dataverse.control.settings(limit_requests=10**9, limit_execution_ms=10**9)
    settle_at_once(dotdigital)
    for sandbox in (dataverse, dotdigital):
        sandbox.control.advance(-86_400)
    for start in range(0, count, SEEDED_AT_A_TIME):
        numbers = range(start, min(start + SEEDED_AT_A_TIME, count))
        dataverse.control.seed(table="contact", count=len(numbers), start=start)
        people = [{"email": f"person{n}@bulk.example", "status": "Unsubscribed"} for n in numbers]
        dotdigital.control.seed(contacts=people)
    for sandbox in (dataverse, dotdigital):
        sandbox.control.real_time()


def run_bare(dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox) -> dict[str, Any]:
    """After Syncline, over the same people: its rows are new ones, beside those of Syncline."""
    sides = for_a_script(dataverse, dotdigital)
    return python("bench.bare_suppressions", *sides, settings=dict(os.environ))


def least(count: int) -> tuple[int, int]:
    """The least calls by the contracts: (Dataverse, Dotdigital), for rows alone."""
    reads = math.ceil(count / READ_PAGE)
    writes = math.ceil(count / ROWS_OF_CUSTOMERS) + 2 * math.ceil(count / ROWS)
    return reads + writes, reads + math.ceil(count / SUPPRESSED_PAGE)


def line(name: str, told: dict[str, Any]) -> str:
    return f"{name:<18}{told['wall_s']:>7.1f} s{told['cpu_s']:>7.1f} s{told['peak_mib']:>6.0f} MiB"


def calls_line(fewest: tuple[int, int], crm: dict[str, int], mail: dict[str, int]) -> str:
    return (
        f"{'':18}Dataverse {sum(crm.values()):,} ({fewest[0]:,}), "
        f"Dotdigital {sum(mail.values()):,} ({fewest[1]:,})\n"
        f"{'':18}{spelled(crm)}\n{'':18}{spelled(mail)}"
    )


if __name__ == "__main__":
    main()
