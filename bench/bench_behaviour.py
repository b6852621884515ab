"""`python -m bench.bench_behaviour`: what people did with a campaign of 1,000,000 sends and 300,000 clicks.

Three runs of Email campaigns at the level Detailed: everything; 1 % more of the same campaign, two weeks
later; nothing. Everybody is a contact of Dynamics that an earlier sync has read. For each: time, CPU and
memory as ratios to a bare script measured in the same run on the same sandboxes, and calls on each side
against the least that the contracts allow: a page of 1,000 rows, and 1,000 rows written by one call. Taken at
a tenth of the size as well, for what counts is that memory does not grow with the campaign.
"""

from __future__ import annotations

import argparse
import math
import os
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from bench.bench_sync import calls, for_a_script, forget, prepare, python, settle_at_once, spelled
from sandbox_process import DataverseSandbox, DotdigitalSandbox, start_dataverse, start_dotdigital

PAGE = ROWS = 1_000
SEEDED_AT_A_TIME = 50_000
EVERYBODY: Final = "Everybody"
SHARES: Final = {
    "opens": 0.4,
    "clicks": 0.3,
    "page_views": 0.06,
    "roi": 0.005,
    "bookmarks": 0.001,
}
"""Of the sends. Opens are told with the sends; each of the others is a set of data of its own."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sends", type=int, default=1_000_000)
    sends = parser.parse_args().sends
    peaks = [measured(size) for size in (math.ceil(sends / 10), sends)]
    print(f"\nPeak memory at ten times the size: {peaks[1] / peaks[0]:.2f} ×")


def measured(sends: int) -> float:
    """The peak of a first run over so many sends."""
    with tempfile.TemporaryDirectory(prefix="syncline-bench-") as folder:
        home = Path(folder)
        with (
            start_dataverse(home / "dataverse") as dataverse,
            start_dotdigital(home / "dotdigital") as dotdigital,
        ):
            return bench(sends, home, dataverse, dotdigital)


def bench(sends: int, home: Path, dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox) -> float:
    print(f"\n{sends:,} sends, {acts_of(sends)['clicks']:,} clicks", flush=True)
    campaign = fill(sends, dataverse, dotdigital)
    settings = {**os.environ, "SYNCLINE_HOME": str(home / "syncline"), "SYNCLINE_ALLOW_LOOPBACK": "1"}
    prepare(dataverse, dotdigital, settings)
    python("bench.prepare_campaigns", settings=settings)
    python("bench.one_sync", "suppressions", settings=settings)  # It reads the contacts.
    runs = [("everything", run(settings, dataverse, dotdigital), sends)]
    sent = datetime.fromisoformat(dotdigital.control.now()) + timedelta(hours=1)
    for sandbox in (dataverse, dotdigital):
        sandbox.control.advance(15 * 86_400)
    more = math.ceil(sends / 100)
    seed(dotdigital, more, sent, id=campaign)
    runs.append(("1 % more", run(settings, dataverse, dotdigital), more))
    for sandbox in (dataverse, dotdigital):
        sandbox.control.advance(3_600)
    runs.append(("nothing", run(settings, dataverse, dotdigital), 0))
    sides = for_a_script(dataverse, dotdigital)
    bare = python("bench.bare_behaviour", *sides, str(campaign), settings=dict(os.environ))
    cost = f"{bare['wall_s']:.1f} s, CPU {bare['cpu_s']:.1f} s, peak {bare['peak_mib']:.0f} MiB"
    print(f"bare script: {bare['written']:,} rows, {cost}")
    print(f"{'run':<12}{'time':>8}{'CPU':>8}{'peak':>10}   calls")
    for name, told, number in runs:
        print(line(name, told, bare, number), flush=True)
    return float(runs[0][1]["peak_mib"])


def fill(sends: int, dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox) -> int:
    """Everybody on both sides, and a campaign that was sent to them three weeks ago; its number."""
    dataverse.control.settings(limit_requests=10**9, limit_execution_ms=10**9)
    settle_at_once(dotdigital)
    # The rows are a day old: those of the last minutes are read twice, by the sweep that closes a first load.
    dataverse.control.advance(-86_400)
    for start in range(0, sends, SEEDED_AT_A_TIME):
        numbers = range(start, min(start + SEEDED_AT_A_TIME, sends))
        dataverse.control.seed(table="contact", count=len(numbers), start=start)
        people = [{"email": f"person{n}@bulk.example", "lists": [EVERYBODY]} for n in numbers]
        dotdigital.control.seed(contacts=people)
    dataverse.control.real_time()
    sent = datetime.fromisoformat(dotdigital.control.now()) - timedelta(days=21)
    return seed(dotdigital, sends, sent, name="Spring")


def acts_of(sends: int) -> dict[str, int]:
    return {name: math.ceil(share * sends) for name, share in SHARES.items()}


def seed(dotdigital: DotdigitalSandbox, sends: int, sent: datetime, **which: Any) -> int:
    bulk = {"sends": sends, "to_list": EVERYBODY, **acts_of(sends)}
    made = dotdigital.control.seed(campaigns=[{**which, "created": sent.isoformat(), "bulk": bulk}])
    return int(made["campaigns"][0])


def run(
    settings: dict[str, str], dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox
) -> dict[str, Any]:
    forget(dataverse, dotdigital)
    told = python("bench.one_sync", "campaigns", settings=settings)
    return {**told, "crm": calls(dataverse), "mail": calls(dotdigital)}


def rows_of(sends: int) -> list[int]:
    """How many rows each of the five sets of data has."""
    acts = acts_of(sends)
    return [sends, *(number for name, number in acts.items() if name != "opens")] if sends else []


def least(sends: int) -> int:
    """The least calls on either side, for rows alone."""
    return sum(math.ceil(rows / PAGE) for rows in rows_of(sends))


def line(name: str, told: dict[str, Any], bare: dict[str, Any], sends: int) -> str:
    crm, mail = sum(told["crm"].values()), sum(told["mail"].values())
    fewest, rows = least(sends), sum(rows_of(sends))
    ratio = f", {(crm + mail) / (2 * fewest):.2f} × the least" if fewest else ""
    each = f", {10_000 * (crm + mail) / rows:.1f} for 10,000 activities (least 20)" if rows else ""
    return (
        f"{name:<12}{told['wall_s'] / bare['wall_s']:>6.2f} ×{told['cpu_s'] / bare['cpu_s']:>6.2f} ×"
        f"{told['peak_mib']:>6.0f} MiB   Dataverse {crm:,} ({fewest:,}), Dotdigital {mail:,} ({fewest:,})"
        f"{ratio}{each}\n"
        f"{'':12}{told['created']:,} created, {told['updated']:,} updated, {told['unchanged']:,} unchanged\n"
        f"{'':12}{spelled(told['crm'])}\n{'':12}{spelled(told['mail'])}"
    )


if __name__ == "__main__":
    main()
