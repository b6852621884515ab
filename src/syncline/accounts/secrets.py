"""Vendor credentials at rest: encrypted with the installation's keys, never logged."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class UnreadableSecretError(Exception):
    """A stored credential was encrypted with a key that this installation no longer has."""

    def __init__(self) -> None:
        super().__init__(
            "A stored credential cannot be decrypted. Put the key it was encrypted with back into "
            "SYNCLINE_ENCRYPTION_KEYS (or home/encryption.key), or enter the credential again."
        )


def encrypt(text: str) -> str:
    return _fernet().encrypt(text.encode()).decode() if text else ""


def decrypt(token: str) -> str:
    """The text behind a token from `encrypt`.

    Raises UnreadableSecretError where none of the installation's keys fits.
    """
    if not token:
        return ""
    try:
        return _fernet().decrypt(token.encode()).decode()
    except InvalidToken:
        raise UnreadableSecretError from None


def rotate(token: str) -> str:
    """The same secret, encrypted with the newest key."""
    return _fernet().rotate(token.encode()).decode() if token else ""


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])
