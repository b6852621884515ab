"""`python -m bench.bench_plan`: a list of 1,000,000 contacts planned, approved and carried out.

The same list, sandboxes and bare script as `bench.bench_sync`. What counts is the memory, which must not grow
with the list, and what planning costs beside doing: a plan reads all that the run reads, and writes nothing.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from bench.bench_sync import forget, least, line, pass_time, run_sync, set_the_scene
from sandbox_process import DataverseSandbox, DotdigitalSandbox, start_dataverse, start_dotdigital


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--contacts", type=int, default=1_000_000)
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
    reads, writes = least("everything", count, count, 0)
    _, echo = least("nothing", count, 0, count)
    for name, what, fewest in (
        ("plan of everything", "plan", (reads, 0)),
        # The members are known from the plan, and not counted otherwise since.
        ("carried out", "approved", (reads // 2, writes)),
        ("plan of nothing", "plan", (0, echo)),
    ):
        forget(dataverse, dotdigital)
        result = run_sync(settings, what)
        print(line(name, result, bare, dataverse, dotdigital, fewest), flush=True)
        pass_time(dataverse, dotdigital)


if __name__ == "__main__":
    main()
