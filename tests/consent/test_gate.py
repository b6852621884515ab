"""The consent gate says no wherever there is doubt, and nothing but the gate can say yes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncline.consent.gate import GATES, Permit, Standing, is_deliverable, permit, why

ALICE = "alice@example.com"


def test_a_stranger_with_a_good_address_may_be_written_to() -> None:
    granted = permit(Standing(ALICE))
    assert isinstance(granted, Permit)
    assert granted.address == ALICE


@pytest.mark.parametrize(
    ("standing", "code"),
    [
        (Standing("@5b1f"), "no_address"),
        (Standing("bob@nowhere"), "invalid_address"),
        (Standing(ALICE, do_not_bulk_email=True), "do_not_bulk_email"),
        (Standing(ALICE, do_not_email=True), "do_not_email"),
        (Standing(ALICE, suppressed_for="HardBounced"), "suppressed"),
        (Standing(ALICE, status="moved"), "address_moved"),
        (Standing(ALICE, status="unsubscribed"), "not_subscribed"),
        (Standing(ALICE, status="pendingoptin"), "not_subscribed"),
        (Standing(ALICE, status="a status of next year"), "not_subscribed"),
        (Standing(ALICE, opted_out_as="alice@old.example"), "opted_out_before"),
        (Standing(ALICE, erased=True), "erased"),
    ],
)
def test_each_gate_stops_with_its_own_reason(standing: Standing, code: str) -> None:
    assert permit(standing) == code
    assert code in {gate.code for gate, is_open in why(standing) if not is_open}


def test_nobody_makes_a_permit_but_the_gate() -> None:
    with pytest.raises(TypeError):
        Permit(ALICE, object())


@given(
    st.builds(
        Standing,
        address=st.emails(),
        do_not_bulk_email=st.booleans(),
        do_not_email=st.booleans(),
        status=st.sampled_from(
            ["", "subscribed", "unsubscribed", "softbounced", "suppressed", "moved", "deleted"]
        ),
        suppressed_for=st.sampled_from(["", "Unsubscribed", "IspComplained"]),
        opted_out_as=st.sampled_from(["", "former@example.com"]),
        erased=st.booleans(),
    )
)
def test_explanation_and_permit_agree(standing: Standing) -> None:
    all_open = all(is_open for _, is_open in why(standing))
    assert isinstance(permit(standing), Permit) == all_open


@given(st.builds(Standing, address=st.just(ALICE), status=st.text(max_size=20)))
def test_only_known_good_statuses_pass(standing: Standing) -> None:
    if isinstance(permit(standing), Permit):
        assert standing.status in {"", "subscribed"}


def test_gates_have_codes_of_their_own() -> None:
    assert len({gate.code for gate in GATES}) == len(GATES)


@pytest.mark.parametrize(
    "address",
    [
        "a@b.co",
        "o'brien+news@sub.example.co.uk",
        "müller@bücher.example",
        "UPPER@EXAMPLE.COM",
        "x" * 64 + "@example.com",
    ],
)
def test_addresses_that_may_be_tried(address: str) -> None:
    assert is_deliverable(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "plain",
        "two@@example.com",
        "a b@example.com",
        "a@b",
        "a@.example.com",
        "a@example.com.",
        "a@exa..mple.com",
        ".a@example.com",
        "a.@example.com",
        "x" * 65 + "@example.com",
        "a@" + "b" * 250 + ".com",
        "a,b@example.com",
        "a@example.com\n",
        "\u202ea@example.com",
    ],
)
def test_addresses_that_are_hopeless(address: str) -> None:
    assert not is_deliverable(address)
