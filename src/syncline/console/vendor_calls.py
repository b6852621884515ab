"""Calls to Dynamics and Dotdigital while somebody waits for the page."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from syncline.accounts.clients import new_dataverse_client, new_dotdigital_client
from syncline.accounts.models import EmailAccount
from syncline.dataverse import Dataverse
from syncline.dotdigital import Dotdigital
from syncline.remote import Patience, RemoteError

WHILE_SOMEBODY_WAITS: Final = Patience(patience_s=8.0, attempts=3)


@contextmanager
def dynamics_of(account: EmailAccount) -> Iterator[Dataverse]:
    """Raises Misconfigured where the stored credentials cannot be read."""
    client = new_dataverse_client(account, patience=WHILE_SOMEBODY_WAITS)
    try:
        yield client
    finally:
        client.close()


@contextmanager
def dotdigital_of(account: EmailAccount) -> Iterator[Dotdigital]:
    """Raises Misconfigured where the stored credentials cannot be read."""
    client = new_dotdigital_client(account, patience=WHILE_SOMEBODY_WAITS)
    try:
        yield client
    finally:
        client.close()


def in_words(error: RemoteError) -> str:
    """What happened and what to do about it."""
    return f"{str(error).rstrip('.')}. {error.what_to_do}"
