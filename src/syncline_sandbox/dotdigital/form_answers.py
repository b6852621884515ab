"""What people answer, from words to the numbers that the API tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from syncline_sandbox.control import ControlError

Given = dict[str, Any]


def given_answers(pages: list[dict[str, Any]], answers: dict[str, Any], *, repeated: bool) -> str:
    """JSON of ``givenAnswers``. ``repeated``: several choices are told as one answer each, not as an array.

    Raises ControlError for a question that the form does not have.
    """
    fields = {one["text"]: one for page in pages for one in page["fields"]}
    given: list[Given] = []
    for text, said in answers.items():
        field = fields.get(text)
        if field is None:
            raise ControlError(f"the form has no question {text!r}")
        if isinstance(said, dict):
            rows = {row["text"]: row["id"] for row in field["subFields"]}
            for row, value in said.items():
                given += _answer(field, rows[row], value, repeated=repeated)
        else:
            given += _answer(field, None, said, repeated=repeated)
    return msgspec.json.encode(given).decode()


def _answer(field: dict[str, Any], row: int | None, said: Any, *, repeated: bool) -> Iterator[Given]:
    if not field["choices"]:
        yield _given(field["id"], row, said)
        return
    choices = {choice["text"]: choice["id"] for choice in field["choices"]}
    texts = said if isinstance(said, list) else [said]
    others = [text for text in texts if text not in choices]
    if others and not field["hasOtherOption"]:
        raise ControlError(f"{others[0]!r} is not a choice of {field['text']!r}")
    ids = [choices.get(text, field["otherOptionChoiceId"]) for text in texts]
    if isinstance(said, list) and not repeated:
        yield _given(field["id"], row, ids)
    else:
        yield from (_given(field["id"], row, number) for number in ids)
    for text in others:
        yield _given(field["otherOptionTextFieldId"], row, text)


def _given(field_id: int, row: int | None, value: Any) -> Given:
    return {"fieldId": field_id, "subFieldId": row, "value": value}
