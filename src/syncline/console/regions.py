"""Where a Dotdigital account lives, from the host of its API: `{region}-api.dotdigital.com`."""

from urllib.parse import urlsplit

NAMES = {"r1": "Europe", "r2": "North America", "r3": "Asia Pacific"}


def region_of(dotdigital_url: str) -> str:
    """`Europe (r1)`; for a sandbox its host and port; for an unknown region its code."""
    parts = urlsplit(dotdigital_url)
    code, dash, _ = (parts.hostname or "").partition("-api.")
    if not dash:
        return f"Sandbox ({parts.netloc})"
    return f"{NAMES[code]} ({code})" if code in NAMES else code
