"""``syncline-sandbox dataverse|dotdigital``: start one sandbox and say in one line of JSON where it is."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from syncline_sandbox.control import SEEDS, SandboxContext, VendorSandbox
from syncline_sandbox.serving import serve


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the arguments and serve until SIGTERM or SIGINT. Returns the exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    try:
        asyncio.run(
            serve(
                _dataverse if options.vendor == "dataverse" else _dotdigital,
                options.data,
                port=options.port,
                tls_port=getattr(options, "tls_port", None),
                seed=options.seed,
            )
        )
    except OSError as error:
        sys.stderr.write(f"syncline-sandbox: cannot start: {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="syncline-sandbox",
        description="A local Dataverse or Dotdigital on 127.0.0.1. When ready it prints one line of JSON.",
    )
    vendors = parser.add_subparsers(dest="vendor", required=True)
    dataverse = vendors.add_parser("dataverse", help="the Dataverse Web API with its token endpoint")
    dotdigital = vendors.add_parser("dotdigital", help="the Dotdigital API, v2 and v3")
    for vendor in (dataverse, dotdigital):
        vendor.add_argument(
            "--port", type=int, default=0, help="port for http; 0 (the default) picks a free one"
        )
        vendor.add_argument("--data", type=Path, required=True, help="directory that keeps the state")
        vendor.add_argument(
            "--seed",
            choices=SEEDS,
            default="demo",
            help="what a new data directory starts with (default: demo)",
        )
    dataverse.add_argument(
        "--tls-port", type=int, default=0, help="port for https; 0 (the default) picks a free one"
    )
    return parser


# The vendors are imported only when asked for, so that one can be used while the other is broken or absent.
def _dataverse(context: SandboxContext) -> VendorSandbox:
    from syncline_sandbox.dataverse.app import DataverseSandbox

    return DataverseSandbox(context)


def _dotdigital(context: SandboxContext) -> VendorSandbox:
    from syncline_sandbox.dotdigital.app import DotdigitalSandbox

    return DotdigitalSandbox(context)


if __name__ == "__main__":
    sys.exit(main())
