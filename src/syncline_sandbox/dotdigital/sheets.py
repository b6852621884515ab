"""Files that v2 imports take: CSV, and the first sheet of an Excel workbook."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from xml.etree.ElementTree import Element

from defusedxml import ElementTree

_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_CELL = re.compile(r"([A-Z]+)[0-9]+")
SUPPORTED = (".csv", ".txt", ".xlsx", ".xls")


class BrokenFile(ValueError):
    """The file cannot be read as what its name says."""


def read_table(file_name: str, data: bytes) -> list[list[str]]:
    """Rows of text, the header first; empty rows are left out. Raises BrokenFile."""
    if file_name.lower().endswith(".xlsx"):
        rows = _read_workbook(data)
    elif file_name.lower().endswith(".xls"):
        raise BrokenFile("the binary format of old Excel versions is not read by the sandbox")
    else:
        rows = _read_csv(data)
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        raise BrokenFile("the file is empty")
    return rows


def write_csv(rows: list[list[str]]) -> bytes:
    """CSV in UTF-8."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _read_csv(data: bytes) -> list[list[str]]:
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise BrokenFile("the text is not UTF-8") from error
    if "\x00" in text:
        raise BrokenFile("the file is not text")
    first = text.partition("\n")[0]
    delimiter = max(",;\t|", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise BrokenFile(str(error)) from error


def _read_workbook(data: bytes) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            names = book.namelist()
            sheet = min(name for name in names if name.startswith("xl/worksheets/sheet"))
            shared: list[str] = []
            if "xl/sharedStrings.xml" in names:
                strings = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
                shared = [
                    "".join(t.text or "" for t in si.iter(f"{_NS}t")) for si in strings.iter(f"{_NS}si")
                ]
            root = ElementTree.fromstring(book.read(sheet))
    except (zipfile.BadZipFile, ElementTree.ParseError, ValueError, KeyError) as error:
        raise BrokenFile("the file is not an Excel workbook") from error
    return [_read_row(row, shared) for row in root.iter(f"{_NS}row")]


def _read_row(row: Element, shared: list[str]) -> list[str]:
    cells: list[str] = []
    for cell in row.iter(f"{_NS}c"):
        place = _CELL.fullmatch(cell.get("r", ""))
        if place is not None:
            cells.extend([""] * (_column(place[1]) - len(cells)))
        value = cell.find(f"{_NS}v")
        text = (value.text or "") if value is not None else ""
        if cell.get("t") == "s":
            text = shared[int(text)]
        elif cell.get("t") == "inlineStr":
            text = "".join(t.text or "" for t in cell.iter(f"{_NS}t"))
        elif cell.get("t") == "b":
            text = "True" if text == "1" else "False"
        cells.append(text)
    return cells


def _column(letters: str) -> int:
    """0 for A, 26 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
