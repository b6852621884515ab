"""The demo's people, companies and lists (installed in the next step)."""

from __future__ import annotations

from syncline_sandbox.dataverse.organisation import Organisation


def install(organisation: Organisation) -> None:
    del organisation
