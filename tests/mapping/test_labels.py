"""Names, types and defaults of Email Data Labels."""

import pytest

from syncline.mapping.labels import (
    RESERVED,
    default_problem,
    label_type_named,
    name_problem,
    normal_name,
    type_clash,
)
from syncline.mapping.models import LabelType


@pytest.mark.parametrize("name", ["A", "FIRSTNAME", "last_call-2", "x" * 20, "42"])
def test_good_names(name):
    assert name_problem(name) == ""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "needs a name"),
        ("x" * 21, "21 characters; at most 20"),
        ("LAST CALL", "a space"),
        ("PRICE€", "“€”"),
        ("ÜBER", "“Ü”"),
        ("SHOE.SIZE", "“.”"),
        ("NEWLINE\n", "a space"),
    ],
)
def test_bad_names_are_told_what_is_wrong(name, words):
    assert words in name_problem(name)


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_reserved_names_are_refused_in_any_case(name):
    assert "reserved" in name_problem(name)
    assert "reserved" in name_problem(name.upper())


def test_names_are_compared_as_dotdigital_writes_them():
    assert normal_name(" lastCall ") == "LASTCALL"


def test_a_clash_names_both_types():
    assert type_clash("SCORE", LabelType.TEXT, LabelType.NUMERIC) == (
        "Dotdigital already has a data field SCORE of type Numeric, and the label here is of type Text. "
        "Give it another name, or the type Numeric."
    )


@pytest.mark.parametrize(
    ("label_type", "value", "fits"),
    [
        (LabelType.TEXT, "there", True),
        (LabelType.NUMERIC, 5, True),
        (LabelType.NUMERIC, "five", False),
        (LabelType.DATE, "2024-05-01", True),
        (LabelType.DATE, "soon", False),
        (LabelType.YES_NO, True, True),
        (LabelType.YES_NO, 1, False),
        (LabelType.YES_NO, None, True),
    ],
)
def test_defaults_must_fit_the_type(label_type, value, fits):
    assert (default_problem(label_type, value) == "") is fits


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("String", LabelType.TEXT),
        ("text", LabelType.TEXT),
        ("NUMERIC", LabelType.NUMERIC),
        ("Yes/No", LabelType.YES_NO),
        ("boolean", LabelType.YES_NO),
        ("Picture", None),
    ],
)
def test_types_go_by_either_word(word, expected):
    assert label_type_named(word) is expected
