"""Tables of what becomes of values on their way over, and what is refused in which words."""

import pytest

from mapping.specimens import (
    BIG,
    BIRTHDAY,
    CHILDREN,
    COMPANY,
    DATE,
    FULL_NAME,
    INCOME,
    INTERESTS,
    IS_VIP,
    JOB_TITLE,
    LAST_CALL,
    NOTES,
    NUMERIC,
    OPENING,
    PICTURE,
    RATIO,
    SCORE,
    SOURCE,
    STATUS,
    TEXT,
    YES_NO,
)
from syncline.mapping.conversion import ConversionError, compile_converter, to_dotdigital, to_dynamics

EMOJI = "👩‍👩‍👧 Zoë"
RIGHT_TO_LEFT = "مرحبا \u200fשלום"


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        (JOB_TITLE, "Buyer", "Buyer"),
        (JOB_TITLE, "  Buyer\u00a0", "Buyer"),
        (JOB_TITLE, "", None),
        (JOB_TITLE, " \t ", None),
        (JOB_TITLE, None, None),
        (JOB_TITLE, EMOJI, EMOJI),
        (JOB_TITLE, RIGHT_TO_LEFT, RIGHT_TO_LEFT),
        (NOTES, "one\r\ntwo\rthree\n", "one\ntwo\nthree"),
        (NOTES, "x" * 1000, "x" * 1000),
        (NOTES, "😀" * 500, "😀" * 500),
        (CHILDREN, 3, 3),
        (CHILDREN, 0, 0),
        (CHILDREN, None, None),
        (BIG, 2**53 + 1, 2**53 + 1),
        (SCORE, 12.5, 12.5),
        (SCORE, 12.0, 12),
        (RATIO, 1e-9, 1e-9),
        (RATIO, 0.1, 0.1),
        (INCOME, 1234.5678, 1234.5678),
        (INCOME, -0.0, 0),
        (IS_VIP, True, True),
        (IS_VIP, False, False),
        (IS_VIP, None, None),
        (SOURCE, 8, "Web"),
        (SOURCE, None, None),
        (STATUS, 4, "Lost"),
        (INTERESTS, "9,1", "Gardening; Théâtre"),
        (INTERESTS, "2", "Sailing"),
        (INTERESTS, "", None),
        (BIRTHDAY, "1753-01-01", "1753-01-01T00:00:00Z"),
        (BIRTHDAY, "9999-12-31", "9999-12-31T00:00:00Z"),
        (BIRTHDAY, None, None),
        (LAST_CALL, "2024-05-01T09:30:00Z", "2024-05-01T09:30:00Z"),
        (LAST_CALL, "2024-05-01T11:30:00+02:00", "2024-05-01T09:30:00Z"),
        (LAST_CALL, "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        (OPENING, "2024-05-01T09:30:00Z", "2024-05-01T09:30:00Z"),
        (COMPANY, "Contoso Ltd", "Contoso Ltd"),
        (COMPANY, None, None),
    ],
)
def test_what_dotdigital_gets(field, value, expected):
    converted = to_dotdigital(field, value)
    assert converted == expected
    assert type(converted) is type(expected)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        (NOTES, "x" * 1001, "1,001 characters long and Dotdigital holds 1,000"),
        (NOTES, "😀" * 501, "1,002 characters long and Dotdigital holds 1,000"),
        (NOTES, "a" + "x" * 10_000_000, "10,000,001 characters"),
        (NOTES, "half \ud83d", "half a character"),
        (NOTES, "nul\x00", "NUL"),
        (JOB_TITLE, True, "expected a text, got yes"),
        (JOB_TITLE, {"a": 1}, "a structure"),
        (CHILDREN, True, "expected a number, got yes"),
        (CHILDREN, "many", "“many” is not a number"),
        (SCORE, 10**18, "18"),
        (SCORE, 1e27, "18"),
        (RATIO, 0.1234567891, "10 digits after the point; Dotdigital holds 9"),
        (RATIO, float("nan"), "not a finite number"),
        (RATIO, float("inf"), "not a finite number"),
        (IS_VIP, 1, "expected yes or no, got the number 1"),
        (IS_VIP, "Yes", "expected yes or no, got the text “Yes”"),
        (SOURCE, 77, "option 77 is not among the column's choices"),
        (SOURCE, True, "not among the column's choices"),
        (INTERESTS, "1,77", "option 77"),
        (INTERESTS, "1,x", "“x” is not the number of an option"),
        (BIRTHDAY, "2023-02-29", "“2023-02-29” is not a date"),
        (BIRTHDAY, "01/02/2023", "is not a date"),
        (BIRTHDAY, 20230201, "expected a date, got the number"),
        (LAST_CALL, "1752-12-31T23:59:59Z", "before 1753-01-01"),
        (LAST_CALL, "9999-12-31T23:59:59-05:00", "outside the years"),
        (PICTURE, "x", "cannot be mapped"),
    ],
)
def test_what_cannot_go_to_dotdigital(field, value, words):
    with pytest.raises(ConversionError) as refusal:
        to_dotdigital(field, value)
    assert words in refusal.value.reason
    assert refusal.value.field == field.logical_name
    assert len(str(refusal.value)) < 300, "the words must not carry the whole value"


@pytest.mark.parametrize(
    ("field", "label", "value", "expected"),
    [
        (JOB_TITLE, TEXT, " Buyer ", "Buyer"),
        (JOB_TITLE, TEXT, "", None),
        (JOB_TITLE, TEXT, "x" * 100, "x" * 100),
        (JOB_TITLE, TEXT, EMOJI, EMOJI),
        (NOTES, TEXT, RIGHT_TO_LEFT, RIGHT_TO_LEFT),
        (CHILDREN, NUMERIC, 3.0, 3),
        (CHILDREN, NUMERIC, "3", 3),
        (CHILDREN, NUMERIC, "3.00", 3),
        (SCORE, NUMERIC, 12.50, 12.5),
        (SCORE, NUMERIC, "", None),
        (IS_VIP, YES_NO, True, True),
        (IS_VIP, YES_NO, "False", False),
        (IS_VIP, YES_NO, "yes", True),
        (SOURCE, TEXT, "Web", 8),
        (SOURCE, TEXT, " wEB ", 8),
        (SOURCE, TEXT, None, None),
        (INTERESTS, TEXT, "Théâtre;gardening", "1,9"),
        (INTERESTS, TEXT, " ; ", None),
        (BIRTHDAY, DATE, "2001-05-06T00:00:00Z", "2001-05-06"),
        (BIRTHDAY, DATE, "2001-05-06", "2001-05-06"),
        (LAST_CALL, DATE, "2016-08-01 10:09:22", "2016-08-01T10:09:22Z"),
        (LAST_CALL, DATE, "2020-01-01T09:40:18.527Z", "2020-01-01T09:40:18Z"),
        (LAST_CALL, DATE, "2020-01-01T09:40:18.00Z", "2020-01-01T09:40:18Z"),
        (LAST_CALL, DATE, "2020-01-01 09:40:18.527000+00:00", "2020-01-01T09:40:18Z"),
        (LAST_CALL, DATE, "2024-05-01", "2024-05-01T00:00:00Z"),
        (LAST_CALL, DATE, "1753-01-01T00:00:00Z", "1753-01-01T00:00:00Z"),
        (OPENING, DATE, "2024-05-01T09:30:00Z", "2024-05-01T09:30:00Z"),
    ],
)
def test_what_dynamics_gets(field, label, value, expected):
    converted = to_dynamics(field, label, value)
    assert converted == expected
    assert type(converted) is type(expected)


@pytest.mark.parametrize(
    ("field", "label", "value", "words"),
    [
        (JOB_TITLE, TEXT, "x" * 101, "101 characters long and the column in Dynamics holds 100"),
        (JOB_TITLE, TEXT, "😀" * 51, "102 characters"),
        (CHILDREN, NUMERIC, 2.5, "not a whole number"),
        (CHILDREN, NUMERIC, -1, "outside of what the column holds: 0 to 2,147,483,647"),
        (CHILDREN, NUMERIC, 2**31, "outside of what the column holds"),
        (CHILDREN, NUMERIC, True, "expected a number, got yes"),
        (SCORE, NUMERIC, 1.125, "3 digits after the point and the column in Dynamics holds 2"),
        (SCORE, NUMERIC, "1e500", "more digits than can be carried exactly"),
        (INCOME, NUMERIC, 10**15, "outside of what the column holds"),
        (IS_VIP, YES_NO, 1, "expected yes or no, got the number 1"),
        (IS_VIP, YES_NO, "perhaps", "“perhaps”"),
        (SOURCE, TEXT, "Radio", "“Radio” is not one of the column's choices"),
        (SOURCE, TEXT, "AMBIGUOUS", "several options of the column are called"),
        (INTERESTS, TEXT, "Sailing; Chess", "“Chess” is not one of"),
        (BIRTHDAY, DATE, "soon", "“soon” is not a date"),
        (BIRTHDAY, DATE, "1752-12-31", "before 1753-01-01"),
        (COMPANY, TEXT, "Contoso Ltd", "goes to Dotdigital only"),
        (STATUS, TEXT, "Lost", "state"),
        (FULL_NAME, TEXT, "Alice Ash", "read only"),
        (JOB_TITLE, NUMERIC, 5, "needs a label of type Text"),
    ],
)
def test_what_cannot_go_to_dynamics(field, label, value, words):
    with pytest.raises(ConversionError) as refusal:
        to_dynamics(field, label, value)
    assert words in refusal.value.reason


def test_a_refusal_names_the_field_as_people_know_it():
    with pytest.raises(ConversionError, match=r"^Job Title \(jobtitle\): the text is 101 characters long"):
        to_dynamics(JOB_TITLE, TEXT, "x" * 101)


def test_a_pair_that_cannot_convert_refuses_every_value():
    with pytest.raises(ConversionError, match="needs a label of type Text"):
        compile_converter(JOB_TITLE, DATE)("2024-05-01")
