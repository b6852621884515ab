"""The nightly calculation of scores, where the account is set to it.

Engagement grows with what people did in the last quarter of a year and fades as that gets older.
Suitability stays what it was when a contact was first scored: the vendor's rules about data fields are each
account's own.
"""

# ruff: noqa: S608 - queries are put together from our own constants; values are always parameters.

from __future__ import annotations

from syncline_sandbox.dotdigital import activity, scores
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.scores import DAY_MS, HIGHEST, Score
from syncline_sandbox.dotdigital.storage import Transaction, get_meta, set_meta

# Points for an act of today; nothing is left of them after so many days.
POINTS = {
    activity.OPEN: 4,
    activity.CLICK: 9,
    activity.PAGE_VIEW: 3,
    activity.REPLY: 12,
    activity.ROI: 15,
    activity.FORWARD: 6,
    activity.BOOKMARK: 6,
}
FADING_DAYS = 90
SUITABILITY_SEED = 7

_CALCULATED = "scores_calculated"
_ENGAGEMENT = (
    "SELECT s.contact_id, sum((CASE a.kind "
    + " ".join(f"WHEN '{kind}' THEN {points}" for kind, points in POINTS.items())
    + " ELSE 0 END) * (1.0 - (?1 - a.at) / ?2)) FROM activity a JOIN sends s ON s.id = a.send_id "
    "WHERE a.at > ?1 - ?2 AND a.at <= ?1 GROUP BY s.contact_id"
)


class Scoring:
    """Calculates all scores again once a night has come by the soft clock."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._calculated: int | None = None
        self.reload()

    def reload(self) -> None:
        text = get_meta(self._account.connection, _CALCULATED)
        self._calculated = None if text is None else int(text)

    def catch_up(self) -> None:
        """Of several nights that have come, only the last one leaves a trace, as rows keep no history."""
        settings = self._account.settings
        if not (settings.scoring and settings.scores_recalculated):
            return
        night = scores.last_night(self._account.now_ms())
        if self._calculated is None or night > self._calculated:
            with Transaction(self._account.connection):
                calculate(self._account, night)
                set_meta(self._account.connection, _CALCULATED, str(night))
            self._calculated = night


def calculate(account: Account, night: int) -> None:
    """Score everybody who has an address and existed by then. A score that stays the same keeps its date."""
    connection = account.connection
    engagement = dict(connection.execute(_ENGAGEMENT, (night, float(FADING_DAYS * DAY_MS))).fetchall())
    known = {row[0]: Score(*row) for row in connection.execute("SELECT * FROM scores")}
    people = connection.execute("SELECT id FROM contacts WHERE email IS NOT NULL AND created <= ?", (night,))
    changed = []
    for (contact_id,) in people.fetchall():
        before = known.get(contact_id)
        suitability = (before or scores.drawn(contact_id, SUITABILITY_SEED, night)).suitability
        points = min(HIGHEST, round(engagement.get(contact_id, 0)))
        after = scores.scored(contact_id, points, suitability, night)
        if before is None or before[:-1] != after[:-1]:
            changed.append(after)
    scores.keep(account, changed)
