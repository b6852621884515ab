"""Client certificates as they come out of a file: PEM with a certificate and its private key."""

from __future__ import annotations

import re

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from syncline.dataverse import Certificate

_KEY = re.compile(r"-----BEGIN ([A-Z ]*)PRIVATE KEY-----.+?-----END \1PRIVATE KEY-----", re.DOTALL)


class UnusableCertificateError(ValueError):
    """The text is not a certificate with a private key that can be used without a passphrase."""


def read_certificate(pem: str) -> Certificate:
    key = _KEY.search(pem)
    if key is None:
        raise UnusableCertificateError(
            "The file holds no private key. Give a PEM file with both the certificate and its key."
        )
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        raise UnusableCertificateError(
            "The file holds no certificate. Give a PEM file with both the certificate and its key."
        ) from None
    try:
        private_key = load_pem_private_key(key[0].encode(), password=None)
    except (ValueError, TypeError):
        raise UnusableCertificateError(
            "The private key cannot be read. Give it without a passphrase; Syncline stores it encrypted."
        ) from None
    if private_key.public_key() != certificate.public_key():
        raise UnusableCertificateError("The private key does not belong to the certificate beside it.")
    # Entra finds the certificate by the SHA-1 of its body; it is a name here, not a protection.
    thumbprint = certificate.fingerprint(hashes.SHA1()).hex().upper()  # noqa: S303
    return Certificate(private_key_pem=key[0], thumbprint=thumbprint)
