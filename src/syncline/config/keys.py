"""The installation's two secrets: one signs sessions, one encrypts vendor credentials.

Each comes from the environment, or from a file in the home folder that is made on first use and that only its
owner can read.
"""

import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet


def signing_key(home: Path) -> str:
    """The key that signs sessions and forms (`SYNCLINE_SECRET_KEY`, else `home/signing.key`)."""
    return os.environ.get("SYNCLINE_SECRET_KEY") or _from_file(
        home / "signing.key", secrets.token_urlsafe(48)
    )


def encryption_keys(home: Path) -> list[str]:
    """Fernet keys, newest first (`SYNCLINE_ENCRYPTION_KEYS`, comma separated, else `home/encryption.key`).

    The first encrypts, all decrypt: to rotate, put the new key in front and run `syncline account
    rotate-keys`.
    """
    text = os.environ.get("SYNCLINE_ENCRYPTION_KEYS")
    if not text:
        text = _from_file(home / "encryption.key", Fernet.generate_key().decode())
    return [key.strip() for key in text.replace("\n", ",").split(",") if key.strip()]


def _from_file(path: Path, fresh: str) -> str:
    """What the file holds; a missing file is made with `fresh`. Safe when two processes start at once."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        if not path.exists():
            descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(fresh)
            # A link fails where the name is taken, so whoever comes second reads the first one's key.
            try:
                os.link(draft, path)
            except FileExistsError:
                return path.read_text().strip()
        return path.read_text().strip()
    finally:
        draft.unlink(missing_ok=True)
