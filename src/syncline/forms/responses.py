"""Responses as Dynamics holds them, and whose are held."""

from collections.abc import Collection
from typing import Final

from syncline.campaigns.row_store import RowStore
from syncline.forms import unapplied
from syncline.forms.models import HeldResponse, KeptResponse

RESPONSES: Final = "FormResponses"
"""How their set of data is called."""

STORE: Final = RowStore(KeptResponse, HeldResponse)


def people_held(account_id: int, keys: Collection[str]) -> set[str]:
    """Those of the people of whom anything is held: the response itself, or what it says about them."""
    return STORE.people_held(account_id, keys) | unapplied.people_held(account_id, keys)


def try_again(account_id: int, keys: Collection[str]) -> None:
    """Let the next run try what is held of these people once more."""
    STORE.try_again(account_id, keys)
    unapplied.try_again(account_id, keys)
