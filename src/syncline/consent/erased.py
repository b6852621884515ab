"""People who were erased. What is left of them is the digest of their address, and their history without it.

Whoever had opted out when they were erased stays out: an address that comes in again is known by its digest.
Only the person can come back, which is an event of its own (`What.RESUBSCRIBED`).
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from syncline.consent.gate import RECEIVES_MAIL
from syncline.consent.keys import digests
from syncline.consent.ledger import OPTED_OUT, Change, Source, What, record
from syncline.consent.models import ConsentEvent, ConsentSubject


def anybody() -> bool:
    """Whether anybody was ever erased. Asked of an index that holds only those."""
    return ConsentSubject.objects.filter(erased_at__isnull=False).exists()


def digest_of(key: str) -> str:
    return digests([key])[key]


def stopped(account_id: int, keys: Collection[str]) -> set[str]:
    """Those of the addresses whose owner was erased and had opted out."""
    digest = digests(keys)
    found = stopped_digests(account_id, list(digest.values()))
    return {key for key in keys if digest[key] in found} if found else set()


def stopped_digests(account_id: int, among: Sequence[str]) -> set[str]:
    """The same by digest, for addresses of which nothing else is left."""
    erased = ConsentSubject.objects.filter(digest__in=among, erased_at__isnull=False)
    subjects = dict(erased.values_list("pk", "digest"))
    if not subjects:
        return set()
    events = ConsentEvent.objects.filter(
        subject__in=subjects, account_id=account_id, what__in=(What.ERASED, What.RESUBSCRIBED)
    )
    latest = dict(events.order_by("pk").values_list("subject", "after"))
    return {digest for subject, digest in subjects.items() if latest.get(subject) == OPTED_OUT}


def opted_out_in(key: str) -> set[int]:
    """Accounts in which the person had opted out, as the ledger tells; also where the vendors have forgotten
    it since.
    """
    events = ConsentEvent.objects.filter(subject__digest=digest_of(key)).order_by("pk")
    standing: dict[tuple[int, str], bool] = {}
    for account_id, what, after in events.values_list("account_id", "what", "after"):
        if what == What.RESUBSCRIBED:
            standing = {about: out for about, out in standing.items() if about[0] != account_id}
        elif (out := _is_out(what, after)) is not None:
            standing[account_id, what] = out
    return {account_id for (account_id, _), out in standing.items() if out}


def _is_out(what: str, after: str) -> bool | None:
    """Whether an event leaves the person opted out; None where it says nothing about that."""
    match what:
        case What.SUPPRESSION | What.CRM_SUPPRESSION:
            return after != ""
        case What.EMAIL_STATUS:
            # Whoever is gone there has not come back for that.
            return None if after in {"deleted", "moved", ""} else after not in RECEIVES_MAIL
        case What.DO_NOT_BULK_EMAIL | What.DO_NOT_EMAIL:
            return after == "yes"
        case What.LIST:
            return True if after == "suppressed" else None
        case What.ERASED:
            return after == OPTED_OUT
        case _:
            return None


def remember(
    key: str, known_in: Iterable[int], opted_out: Collection[int], at: datetime, source: Source, actor: str
) -> str:
    """Put into the ledger that the person was erased from these accounts, and take the address out of their
    subject. Returns the digest, which is all that is left.
    """
    record(
        Change(
            account_id,
            key,
            at,
            What.ERASED,
            "",
            OPTED_OUT if account_id in opted_out else "",
            source,
            actor=actor,
        )
        for account_id in known_in
    )
    digest = digest_of(key)
    ConsentSubject.objects.filter(digest=digest).update(person_key="", erased_at=at)
    return digest
