"""Whatever goes to the other side comes back as the same value, for any value that may go at all."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from mapping.specimens import (
    BIRTHDAY,
    CHILDREN,
    DATE,
    INCOME,
    INTERESTS,
    IS_VIP,
    LAST_CALL,
    NOTES,
    NUMERIC,
    SOURCE,
    TEXT,
    YES_NO,
)
from syncline.mapping.canonical import canonical
from syncline.mapping.conversion import ConversionError, compile_converter, compile_reverse
from syncline.mapping.models import LabelType

EARLIEST = datetime(1753, 1, 1)


def there_and_back(field, label, value):
    out = compile_converter(field, label)(value)
    assert canonical(label.type, out) == out, "what is sent is in canonical form already"
    return compile_reverse(field, label)(out)


@given(st.text(max_size=400))
def test_text(text):
    try:
        back = there_and_back(NOTES, TEXT, text)
    except ConversionError:
        assert "\x00" in text
    else:
        assert (back or "") == text.strip().replace("\r\n", "\n").replace("\r", "\n")


@given(st.integers(0, 2**31 - 1))
def test_whole_numbers(number):
    assert there_and_back(CHILDREN, NUMERIC, number) == number


@given(st.decimals(-(10**9), 10**9, places=4).map(float))
def test_money(amount):
    assert there_and_back(INCOME, NUMERIC, amount) == amount


@given(st.booleans() | st.none())
def test_yes_no(answer):
    assert there_and_back(IS_VIP, YES_NO, answer) is answer


@given(st.sampled_from([1, 8, 10]))
def test_choice(option):
    assert there_and_back(SOURCE, TEXT, option) == option


@given(st.sets(st.sampled_from(sorted(INTERESTS.options)), min_size=1))
def test_choices(options):
    wire = ",".join(map(str, sorted(options)))
    assert there_and_back(INTERESTS, TEXT, wire) == wire


@given(st.dates(min_value=EARLIEST.date()))
def test_dates(day: date):
    assert there_and_back(BIRTHDAY, DATE, day.isoformat()) == day.isoformat()


@given(st.datetimes(min_value=EARLIEST, timezones=st.just(UTC)))
def test_moments(moment: datetime):
    wire = moment.replace(microsecond=0).isoformat().replace("+00:00", "Z")
    assert there_and_back(LAST_CALL, DATE, wire) == wire


@given(
    st.sampled_from(list(LabelType)),
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers()),
)
def test_the_canonical_form_is_total_and_settles_at_once(label_type, value):
    once = canonical(label_type, value)
    assert canonical(label_type, once) == once


@given(st.datetimes(min_value=EARLIEST, timezones=st.timezones()))
def test_every_writing_of_an_instant_is_one_canonical_date(moment: datetime):
    try:
        in_utc = moment.astimezone(UTC)
    except OverflowError:
        return
    writings = {
        moment.isoformat(),
        in_utc.isoformat(),
        in_utc.isoformat().replace("+00:00", "Z"),
        in_utc.isoformat(sep=" ").replace("+00:00", ""),
        in_utc.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    # An offset of seconds (local mean time before time zones) is more than ISO 8601 on either side can say.
    assert len({canonical(LabelType.DATE, writing) for writing in writings}) == 1
