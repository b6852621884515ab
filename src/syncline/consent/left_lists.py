"""When somebody left a list, as the ledger holds it."""

from collections.abc import Collection
from datetime import datetime

from syncline.consent.keys import digests
from syncline.consent.ledger import What
from syncline.consent.models import ConsentEvent


def left_at(account_id: int, places: Collection[tuple[str, int]]) -> dict[tuple[str, int], datetime]:
    """Places are (address, list). One that the ledger did not see being left is not among the answers."""
    key_of = {digest: key for key, digest in digests({key for key, _ in places}).items()}
    events = ConsentEvent.objects.filter(
        account_id=account_id,
        subject__digest__in=list(key_of),
        what=What.LIST,
        after="suppressed",
        list_id__in={list_id for _, list_id in places},
    )
    rows = events.order_by("pk").values_list("subject__digest", "list_id", "at")
    return {(key_of[digest], list_id): at for digest, list_id, at in rows if list_id is not None}
