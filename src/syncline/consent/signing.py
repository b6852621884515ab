"""Signing what leaves the ledger (Ed25519), and telling whether something still is as it was signed."""

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from syncline.consent.keys import signing_key

ALGORITHM: Final = "ed25519"


@dataclass(frozen=True)
class Signature:
    """Both in base64."""

    public_key: str
    value: str


def public_key() -> str:
    """The key by which others can check what this installation has signed, in base64."""
    return base64.b64encode(signing_key().public_key().public_bytes_raw()).decode()


def sign(data: bytes) -> Signature:
    return Signature(public_key(), base64.b64encode(signing_key().sign(data)).decode())


def is_signed(data: bytes, signature: Signature) -> bool:
    """Whether exactly these bytes were signed with the key that the signature names."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(signature.public_key, validate=True))
        key.verify(base64.b64decode(signature.value, validate=True), data)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True
