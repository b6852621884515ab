"""When people said what went into the columns of their contact or lead. Nothing here commits: the step that
calls does.
"""

from collections.abc import Mapping, Sequence

import msgspec

from syncline import bulk
from syncline.forms.models import LastSaid

Said = Mapping[str, str]
"""Column, as `table.column` → when the response was completed: UTC, as text that sorts."""

_decode = msgspec.json.Decoder(dict[str, str]).decode
_encode = msgspec.json.Encoder(order="sorted").encode


def of(account_id: int, keys: Sequence[str]) -> dict[str, Said]:
    """Person → what they last said when, of those who have said anything."""
    rows = LastSaid.objects.filter(account_id=account_id, person_key__in=list(keys))
    return {key: _decode(said) for key, said in rows.values_list("person_key", "said")}


def keep(account_id: int, said: Mapping[str, Said]) -> None:
    """By person; what is known of other columns stays."""
    known = of(account_id, list(said))
    bulk.upsert(
        "forms_lastsaid",
        ("account_id", "person_key"),
        ("said",),
        [(account_id, key, _encode({**known.get(key, {}), **new}).decode()) for key, new in said.items()],
    )
