"""CSV line by line, so that a million of them need no more memory than ten."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

LINES_AT_A_TIME: Final = 500
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula: somebody could give themselves such a name."""


class _Line:
    """A file for `csv.writer` that only hands on what is written."""

    def write(self, text: str) -> str:
        return text


def lines_of(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The head, then one line for each row, several together."""
    writer = csv.writer(_Line())
    lines = [_BYTE_ORDER_MARK, writer.writerow(columns)]
    for row in rows:
        lines.append(writer.writerow([_harmless(value) for value in row]))
        if len(lines) >= LINES_AT_A_TIME:
            yield "".join(lines)
            lines = []
    yield "".join(lines)


_BYTE_ORDER_MARK: Final = "\ufeff"
"""Without it spreadsheets take UTF-8 for something else."""


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
