"""Ids of rows that Syncline creates in Dynamics: derived, so that creating one twice meets the same row."""

from uuid import UUID, uuid5

from syncline.accounts.models import EmailAccount

_NAMESPACE = UUID("5b0d1c1e-8f0a-5c5e-9d53-0b8f4f6f6a11")


def derived_id(account: EmailAccount, table: str, natural_key: str) -> str:
    """UUIDv5 of account, table and natural key; Dataverse accepts a caller's id on create."""
    return str(uuid5(_NAMESPACE, f"{account.connector_key}/{table}/{natural_key}"))
