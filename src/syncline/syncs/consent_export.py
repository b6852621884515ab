"""A person's history of consent as one signed file, JSON or CSV, and whether such a file is as it was signed.

The signature stands at the end of the file and is over all bytes before it, so nothing has to be brought into
a normal form first.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Final, Literal

from syncline.consent.signing import ALGORITHM, Signature, is_signed, public_key, sign
from syncline.csv_lines import lines_of
from syncline.syncs.consent_history import Entry, History

Format = Literal["json", "csv"]

CONTENT_TYPES: Final[dict[str, str]] = {"json": "application/json", "csv": "text/csv; charset=utf-8"}
COLUMNS: Final = tuple(field.name for field in fields(Entry))

_JSON_MARK: Final = b',\n  "signature": '
_CSV_MARK: Final = b"\r\nsignature,"


@dataclass(frozen=True)
class Verdict:
    """What can be said about a file."""

    is_intact: bool
    """Not a byte has changed since it was signed."""
    is_ours: bool
    """It was signed by this installation, and not by another one."""
    public_key: str = ""


def signed(history: History, form: Format) -> bytes:
    """The history as a file."""
    if form == "csv":
        body = _csv(history)
        return body + _csv_end(sign(body))
    body = _json(history)
    return body + _json_end(sign(body))


def verify(data: bytes) -> Verdict:
    """Whether a file that was exported is still the same, and whose it is."""
    for mark, end in ((_JSON_MARK, _json_end), (_CSV_MARK, _csv_end)):
        body, found, tail = data.rpartition(mark)
        signature = _signature_in(mark, tail) if found else None
        # The end is written anew and compared, so that nothing can be hidden in it.
        if signature and data == body + end(signature) and is_signed(body, signature):
            return Verdict(True, signature.public_key == public_key(), signature.public_key)
    return Verdict(False, False)


def _json(history: History) -> bytes:
    document = {
        "about": "Consent of one person, as Syncline has recorded it",
        "address": history.address,
        "erased_at": history.erased_at.isoformat() if history.erased_at else None,
        "exported_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "events": [asdict(entry) for entry in history.entries],
    }
    text = json.dumps(document, indent=2, ensure_ascii=False, default=datetime.isoformat)
    return text.removesuffix("\n}").encode()


def _json_end(signature: Signature) -> bytes:
    told = {"algorithm": ALGORITHM, "public_key": signature.public_key, "value": signature.value}
    return _JSON_MARK + json.dumps(told).encode() + b"\n}\n"


def _csv(history: History) -> bytes:
    """Without the line's end after the last row, which belongs to the signature."""
    rows = (
        [_cell(value) for value in (history.address, *asdict(entry).values())] for entry in history.entries
    )
    return "".join(lines_of(("address", *COLUMNS), rows)).removesuffix("\r\n").encode()


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.isoformat()
        case dict():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)


def _csv_end(signature: Signature) -> bytes:
    return _CSV_MARK + f"{ALGORITHM},{signature.public_key},{signature.value}\r\n".encode()


def _signature_in(mark: bytes, tail: bytes) -> Signature | None:
    try:
        text = tail.decode()
        if mark == _CSV_MARK:
            _, key, value = text.strip().split(",")
        else:
            told = json.loads(text.removesuffix("\n}\n"))
            key, value = told["public_key"], told["value"]
    except (ValueError, KeyError, TypeError):
        return None
    return Signature(str(key), str(value))
