"""Why? for contact scoring: what the next sync would give somebody's contacts and leads."""

from typing import Any, Final

import msgspec

from syncline.people import store
from syncline.people.facts import MAILED
from syncline.people.store.scores import scores, scores_written
from syncline.provisioning.score_columns import SCORE_COLUMNS
from syncline.syncs.explain_parts import (
    About,
    erased_gate,
    last_message,
    provisioned_gate,
    record_gate,
    record_words,
    told,
)
from syncline.syncs.marketing_lists.explain_gates import gate
from syncline.syncs.marketing_lists.explained import SyncTold, ValueTold
from syncline.syncs.messages import MESSAGES
from syncline.syncs.scores.decide import Change, decide

_LABELS: Final = {column.schema_name.lower(): column.label for column in SCORE_COLUMNS}
_columns = msgspec.json.Decoder(dict[str, Any]).decode


def explain_scoring(about: About) -> SyncTold:
    account, person = about.account, about.person
    scored = scores(account.pk, [person.key]).get(person.key)
    columns = provisioned_gate(
        about, store.SCORING, "Dynamics has the columns for scores", "no_score_columns"
    )
    is_off = last_message(account, store.SCORING) == "feature_off"
    feature = MESSAGES["feature_off"]
    gates = [
        gate(
            "feature_off", "Scoring is active in Dotdigital", not is_off, f"{feature.text}.", feature.remedy
        ),
        erased_gate(about),
        record_gate(about),
        columns,
    ]
    ids = [record.record_id for record in about.records]
    written = {record_id: _columns(text) for record_id, text in scores_written(account.pk, ids).items()}
    decision = decide(person, scored, written, MAILED if columns.is_open else ())
    values = [value for change in decision.changes for value in _values(change)]
    unread = (
        "No score of this address has been read. Dotdigital scores the contacts that it has, every night."
    )
    return told(about, store.SCORING, gates, values, unconcerned="" if scored else unread)


def _values(change: Change) -> list[ValueTold]:
    where = record_words(change.entity, change.name, change.record_id)
    return [
        ValueTold(_LABELS[column], change.before.get(column), new, where)
        for column, new in change.columns.items()
        if change.before.get(column) != new
    ]
