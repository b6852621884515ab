"""What people look at, and what Dynamics holds of that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from syncline.ledger.models import Run, RunStatus
from tests.syncs.world import World

SYNC: Final = "web_behaviour"
NOW: Final = "2026-03-05T12:00:00Z"
ALICE, BOB = "alice@example.com", "bob@example.com"
VISITS, PAGES = "syncline_webvisits", "syncline_webpageviews"
READ: Final = "GET /insightData/v3/contacts/*"


@dataclass
class Scene:
    world: World

    @property
    def control(self) -> Any:
        return self.world.sandbox_dotdigital.control

    def contacts(self, *emails: str) -> None:
        self.control.seed(contacts=[{"email": email} for email in emails])

    def look(self, email: str, *pages: tuple[str, str]) -> None:
        """`pages`: (time on the second of March, or a whole moment; page)."""
        views = [
            {
                "email": email,
                "url": f"https://shop.example/{page}",
                "title": page.capitalize(),
                "at": at if "T" in at else f"2026-03-02T{at}Z",
            }
            for at, page in pages
        ]
        self.control.call("POST", "page-views", {"views": views})

    def know(self, email: str, table: str = "contacts") -> str:
        """Dynamics has somebody with this address, and a sync of consent has read that."""
        row = self.world.add(table, lastname=email.split("@")[0].capitalize(), emailaddress1=email)
        assert self.world.sync("suppressions").status == RunStatus.COMPLETED
        return row

    def sync(self) -> Run:
        return self.world.sync(SYNC)

    def rows(self, set_: str) -> list[dict[str, Any]]:
        return [row for page in self.world.crm.pages(set_) for row in page.rows]

    def visits(self) -> list[tuple[str, str, str, int]]:
        """(address, from, to, pages), by beginning."""
        rows = sorted(self.rows(VISITS), key=lambda row: (row["syncline_startedon"], row["syncline_email"]))
        return [
            (
                row["syncline_email"],
                row["syncline_startedon"],
                row["syncline_endedon"],
                row["syncline_pages"],
            )
            for row in rows
        ]

    def pages(self) -> list[str]:
        rows = sorted(self.rows(PAGES), key=lambda row: (row["syncline_viewedon"], row["syncline_name"]))
        return [row["syncline_name"] for row in rows]
