"""Pages of v3: each names the marker of the next one (contract §1.6)."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import msgspec

from syncline.dotdigital.session import Answer


class _Link(msgspec.Struct):
    marker: str | None = None
    link: str | None = None


class _Links(msgspec.Struct):
    next: _Link | None = None


class MarkedPage(Answer):
    """What every page has beside its rows."""

    links: _Links = msgspec.field(name="_links", default_factory=_Links)

    @property
    def next_marker(self) -> str | None:
        """The marker of the page that follows, which may be stored; None on the last page. Where only an
        address is given, it is the one in it.
        """
        link = self.links.next
        if link is None:
            return None
        if link.marker:
            return link.marker
        found = parse_qs(urlsplit(link.link or "").query).get("marker")
        return found[0] if found else None
