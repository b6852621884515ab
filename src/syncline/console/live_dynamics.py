"""Dynamics asked while somebody waits for the page."""

from typing import Final

from syncline.accounts.clients import new_dataverse_client
from syncline.accounts.models import EmailAccount
from syncline.dataverse import Dataverse
from syncline.remote import Patience

PATIENCE: Final = Patience(patience_s=4.0, attempts=2)
READ_TIMEOUT_S: Final = 20.0


def impatient_client(account: EmailAccount) -> Dataverse:
    """A client that gives up soon, for a person can try again; the caller closes it.

    Raises Misconfigured where a credential cannot be read.
    """
    return new_dataverse_client(account, patience=PATIENCE, read_timeout_s=READ_TIMEOUT_S)
