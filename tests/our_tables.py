"""Our tables in the Dataverse sandbox. Syncline makes them once in a session, and from then on they are put
there as they were: making them takes longer than most tests do.
"""

from __future__ import annotations

from typing import Final

from sandbox_process import DataverseSandbox
from syncline import provisioning
from syncline.dataverse import Dataverse

_SNAPSHOT: Final = "with-our-tables"
_taken: set[str] = set()
"""Addresses of sandboxes that have the snapshot."""


def provision(sandbox: DataverseSandbox, crm: Dataverse) -> None:
    """Into an environment that holds nothing yet: what is there is gone afterwards, and so are settings."""
    if sandbox.base_url in _taken:
        sandbox.control.restore(_SNAPSHOT)
    else:
        provisioning.apply(crm, provisioning.plan(crm))
        sandbox.control.snapshot(_SNAPSHOT)
        _taken.add(sandbox.base_url)
