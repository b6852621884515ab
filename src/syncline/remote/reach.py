"""Reaching a server: which certificates count, and what it means when no answer came."""

from __future__ import annotations

import ssl

import httpx2

from syncline.remote.remedies import Misconfigured, Retryable


def trust(ca_file: str | None) -> ssl.SSLContext | bool:
    """The system's certificates, or the one in `ca_file` in their place."""
    return ssl.create_default_context(cafile=ca_file) if ca_file else True


def unanswered(
    error: httpx2.HTTPError, did: str, server: str, *, repeat_timeouts: bool = True
) -> Retryable | Misconfigured:
    """What to raise for a request that got no complete answer.

    Waiting may help, except with an untrusted certificate: that does not mend itself.
    """
    untrusted = _certificate_error(error)
    if untrusted is not None:
        return Misconfigured(
            f"{server} shows a certificate that is not trusted: {untrusted.verify_message}",
            "Check the address; for a certificate of your own give its file as ca_file.",
        )
    never_sent = isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout)
    timed_out = isinstance(error, httpx2.ReadTimeout | httpx2.WriteTimeout)
    how = "could not be reached" if never_sent else "gave no complete answer"
    return Retryable(
        f"{did}: {server} {how} ({type(error).__name__})",
        outcome_unknown=not never_sent,
        never_repeat=timed_out and not repeat_timeouts,
    )


def _certificate_error(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error
        error = error.__cause__ or error.__context__
    return None
