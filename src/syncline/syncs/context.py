"""What a step of a run may use."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Final

from django.db import transaction

from syncline.accounts.models import EmailAccount
from syncline.dataverse import Dataverse
from syncline.dotdigital import Dotdigital
from syncline.ledger.leases import hold
from syncline.ledger.models import Run
from syncline.people import store

CLOCKS_DIFFER_BY: Final = timedelta(minutes=5)
"""How far two well-kept clocks may be apart. `doctor` warns when Dynamics' or Dotdigital's clock is further
away.
"""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class RunContext:
    """One run, its account, and clients of both sides, built when first used."""

    run: Run
    account: EmailAccount
    connect_dataverse: Callable[[EmailAccount], Dataverse]
    connect_dotdigital: Callable[[EmailAccount], Dotdigital]
    now: Callable[[], datetime] = field(default=_now)

    @cached_property
    def dataverse(self) -> Dataverse:
        return self.connect_dataverse(self.account)

    @cached_property
    def dotdigital(self) -> Dotdigital:
        return self.connect_dotdigital(self.account)

    def dataverse_now(self) -> str:
        """A moment that Dynamics' clock has certainly reached: ours, less what clocks may differ by."""
        return f"{self.now() - CLOCKS_DIFFER_BY:%Y-%m-%dT%H:%M:%SZ}"

    @property
    def position(self) -> dict[str, Any]:
        """Where the run stands, as last saved by `save_position`."""
        position: dict[str, Any] = self.run.position
        return position

    @contextmanager
    def storing(self) -> Iterator[None]:
        """The transaction in which a step stores its work. Raises LostLeaseError where another worker has the
        run now.
        """
        with transaction.atomic():
            hold()
            yield

    def save_position(self, **changes: Any) -> None:
        """Say where the run stands, within the transaction of the work it stands for where there is any."""
        with self.storing():
            self.run.position = {**self.run.position, **changes}
            self.run.save(update_fields=["position"])

    def show_settled(self, text: str) -> None:
        """Progress by people: how many of those touched when deciding began have been settled."""
        total = self.position.get("total", 0)
        self.show(text, max(0, total - store.count_touched(self.account.pk, self.run.scope)), total)

    def show(self, text: str, done: int | None = None, total: int | None = None) -> None:
        """Progress for whoever watches: what is going on, and how far it is where a total is known."""
        self.run.progress_text = text
        self.run.progress_total = total
        self.run.progress_done = done if done is not None else 0
        self.run.save(update_fields=["progress_text", "progress_done", "progress_total"])
