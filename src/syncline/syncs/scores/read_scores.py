"""Reads the scores that Dotdigital has changed since the last run."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from syncline.dotdigital import Score
from syncline.ledger import cursors
from syncline.people import store
from syncline.people.store.scores import Scored, save_scores
from syncline.provisioning.score_columns import HIGHEST_SCORE, LONGEST_SCORE_LABEL
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.marketing_lists.read_contacts import BEGINNING, OVERLAP, key_now
from syncline.syncs.marketing_lists.setting import Setting

SOURCE: Final = "dotdigital:scores"


def read_scores(context: RunContext, setting: Setting) -> Next | None:
    """One page."""
    del setting
    position = context.position
    if position.get("scores_done"):
        return None
    if "scores_since" not in position:
        mark = context.dotdigital.server_time().isoformat()
        tokens = {**position.get("tokens", {}), SOURCE: [mark, ""]}
        context.save_position(scores_since=cursors.token(context.account, SOURCE), tokens=tokens)
    since_text = context.position["scores_since"]
    since = datetime.fromisoformat(since_text) - OVERLAP if since_text else BEGINNING
    page = next(context.dotdigital.scores_since(since, skip=position.get("scores_skip", 0)))
    rows = _by_person(context, page.scores)
    read = position.get("scores_read", 0) + len(rows)
    with context.storing():
        store.make_due(context.account.pk, store.SCORING, save_scores(context.account.pk, rows))
        context.save_position(
            scores_skip=page.next_skip, scores_done=page.next_skip is None, scores_read=read
        )
        context.show("Reading scores from Dotdigital", read)
    return More()


def _by_person(context: RunContext, scores: Sequence[Score]) -> list[tuple[str, Scored]]:
    """Whose scores these are."""
    owners = store.keys_of_contacts(context.account.pk, [one.contact_id for one in scores])
    known = store.persons(context.account.pk, sorted(owners.values()))
    return [
        (key_now(one.contact_id, one.email, owners.get(one.contact_id), known), _scored(one))
        for one in scores
        if one.email
    ]


def _scored(score: Score) -> Scored:
    evaluated = score.evaluated_on
    return Scored(
        _within(score.overall),
        _within(score.engagement),
        _within(score.suitability),
        score.label[:LONGEST_SCORE_LABEL],
        f"{evaluated.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if evaluated else "",
    )


def _within(score: int) -> int:
    """What the column can hold. A score is a byte, as far as the vendor says."""
    return max(0, min(score, HIGHEST_SCORE))
