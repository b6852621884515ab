"""The two secrets of the consent ledger: one makes digests of addresses, one signs what is exported.

Each is made at first use and kept encrypted with the installation's keys. They are never replaced: with
another digest key nobody who was erased would be known again, and with another signing key older exports
could no longer be told from forged ones.
"""

import base64
import hmac
import secrets
from collections.abc import Callable, Iterable
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from syncline.accounts.secrets import decrypt, encrypt, rotate
from syncline.consent.models import LedgerKey

DIGEST: Final = "digest"
SIGNING: Final = "signing"


def digests(keys: Iterable[str]) -> dict[str, str]:
    """Key of a person → HMAC-SHA256 of it, in hex."""
    secret = _secret(DIGEST, lambda: secrets.token_bytes(32))
    return {key: hmac.digest(secret, key.encode(), "sha256").hex() for key in keys}


def signing_key() -> Ed25519PrivateKey:
    """The key that exports of this installation are signed with."""
    raw = _secret(SIGNING, lambda: Ed25519PrivateKey.generate().private_bytes_raw())
    return Ed25519PrivateKey.from_private_bytes(raw)


def rotate_ledger_keys() -> int:
    """Encrypt both with the installation's newest key; how many there are. They themselves stay the same."""
    rows = list(LedgerKey.objects.select_for_update().order_by("pk"))
    for row in rows:
        row.secret_encrypted = rotate(row.secret_encrypted)
        row.save(update_fields=["secret_encrypted"])
    return len(rows)


def _secret(name: str, fresh: Callable[[], bytes]) -> bytes:
    """The secret of this name; whoever asks first makes it, and all others get that one."""
    row = LedgerKey.objects.filter(pk=name).first()
    if row is None:
        made = LedgerKey(name=name, secret_encrypted=encrypt(base64.b64encode(fresh()).decode()))
        # Two that begin at once: the second waits for the first and adds nothing.
        LedgerKey.objects.bulk_create([made], ignore_conflicts=True)
        row = LedgerKey.objects.get(pk=name)
    return base64.b64decode(decrypt(row.secret_encrypted))
