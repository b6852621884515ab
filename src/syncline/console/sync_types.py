"""The sync types that the console offers: those that the registry holds, and nothing that comes later."""

from collections.abc import Iterable

from django.http import Http404

from syncline.syncs.contract import SyncType
from syncline.syncs.registry import SYNC_TYPES


def offered() -> Iterable[SyncType]:
    """In the order of the page."""
    return SYNC_TYPES.values()


def name_of(key: str) -> str:
    """The name on the page; a type that this version no longer has keeps its key."""
    found = SYNC_TYPES.get(key)
    return found.name if found else key


def audit_name_of(key: str) -> str:
    """As in the Sync Audit's Sync Type column."""
    found = SYNC_TYPES.get(key)
    return found.audit_type if found else key


def sync_type_or_404(key: str) -> SyncType:
    found = SYNC_TYPES.get(key)
    if found is None:
        raise Http404(f"There is no sync type {key}")
    return found
