"""Calls to Dynamics while somebody waits for the page."""

from collections.abc import Iterator
from contextlib import contextmanager

from syncline.accounts.clients import WHILE_SOMEBODY_WAITS, new_dataverse_client
from syncline.accounts.models import EmailAccount
from syncline.dataverse import Dataverse
from syncline.remote import RemoteError


@contextmanager
def dynamics_of(account: EmailAccount) -> Iterator[Dataverse]:
    """Raises Misconfigured where the stored credentials cannot be read."""
    client = new_dataverse_client(account, patience=WHILE_SOMEBODY_WAITS)
    try:
        yield client
    finally:
        client.close()


def in_words(error: RemoteError) -> str:
    """What happened and what to do about it."""
    return f"{str(error).rstrip('.')}. {error.what_to_do}"
