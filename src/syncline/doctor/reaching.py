"""Can the server be reached at all: its name, a connection, and its certificate."""

from __future__ import annotations

import socket
import ssl
from urllib.parse import urlsplit

from syncline.doctor.checks import Check, Side

CONNECT_TIMEOUT_S = 10.0


def reach(side: Side, name: str, url: str, ca_file: str | None = None) -> Check:
    """Look the name up, connect, and for https shake hands."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)

    def failed(detail: str, remedy: str) -> Check:
        return Check(side=side, name=name, state="fail", detail=detail, remedy=remedy)

    try:
        address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4]
    except (socket.gaierror, UnicodeError):
        return failed(
            f"The name {host} is not known to DNS.", "Check the address for a slip, and this machine's DNS."
        )
    try:
        with socket.create_connection((host, port), timeout=CONNECT_TIMEOUT_S) as plain:
            if parts.scheme == "https":
                with ssl.create_default_context(cafile=ca_file).wrap_socket(plain, server_hostname=host):
                    pass
    except ssl.SSLCertVerificationError as error:
        return failed(
            f"{host} shows a certificate that is not trusted: {error.verify_message}.",
            "Check the address; for a certificate of your own give its file as ca_file.",
        )
    except (OSError, ssl.SSLError) as error:
        return failed(
            f"{host}:{port} does not answer ({type(error).__name__}).",
            "Check the address, and that this machine's firewall or proxy lets the connection out.",
        )
    return Check(side=side, name=name, state="ok", detail=f"{host}:{port} answers ({address[0]}).")
