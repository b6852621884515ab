"""``@odata.context`` and ``Preference-Applied``."""

from __future__ import annotations

from syncline_sandbox.dataverse.http import Request
from syncline_sandbox.dataverse.query.options import Options
from syncline_sandbox.dataverse.schema.model import Table


def collection_context(base_url: str, table: Table, options: Options) -> str:
    return f"{base_url}/$metadata#{table.set_name}{_selection(options)}"


def entity_context(base_url: str, table: Table, options: Options) -> str:
    return f"{base_url}/$metadata#{table.set_name}{_selection(options)}/$entity"


def _selection(options: Options) -> str:
    listed = _listed(options)
    return f"({listed})" if listed else ""


def _listed(options: Options) -> str:
    """``fullname,parentcustomerid_account(name)``."""
    parts = list(options.select or (["*"] if options.expand else []))
    parts += [f"{expand.name}({_listed(expand.options)})" for expand in options.expand]
    return ",".join(parts)


def preference_applied(request: Request) -> dict[str, str]:
    """The preferences that a reading request asked for and got."""
    prefer, applied = request.prefer, []
    if prefer.track_changes:
        applied.append("odata.track-changes")
    if prefer.max_page_size is not None:
        applied.append(f"odata.maxpagesize={prefer.max_page_size}")
    if prefer.annotations is not None:
        applied.append(f'odata.include-annotations="{prefer.annotations}"')
    return {"Preference-Applied": ",".join(applied)} if applied else {}
