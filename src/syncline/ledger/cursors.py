"""How far each source has been read. A cursor is moved only when everything before it has been settled."""

from syncline.accounts.models import EmailAccount
from syncline.ledger.models import Cursor


def token(account: EmailAccount, source: str, fingerprint: str = "") -> str:
    """The stored token, or an empty text where there is none for this fingerprint."""
    row = Cursor.objects.filter(account=account, source=source, fingerprint=fingerprint).first()
    return row.token if row else ""


def move(account: EmailAccount, source: str, new_token: str, fingerprint: str = "") -> None:
    Cursor.objects.update_or_create(
        account=account, source=source, defaults={"token": new_token, "fingerprint": fingerprint}
    )


def forget(account: EmailAccount, source: str) -> None:
    Cursor.objects.filter(account=account, source=source).delete()
