"""The parser for filters, and the labels of requests, without a server."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncline_sandbox.dataverse.errors import DataverseError
from syncline_sandbox.dataverse.labels import label_of
from syncline_sandbox.dataverse.query.expressions import (
    Comparison,
    Expression,
    FunctionCall,
    ListLiteral,
    Literal,
    Logical,
    Negation,
    Path,
    Quantifier,
    TextCall,
)
from syncline_sandbox.dataverse.query.paging import paging_xml, read_skip_token, skip_token
from syncline_sandbox.dataverse.query.parser import parse_filter

A = Comparison("eq", Path(("a",)), Literal(1, "number"))
B = Comparison("eq", Path(("b",)), Literal(2, "number"))
C = Comparison("eq", Path(("c",)), Literal(3, "number"))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a eq 1", A),
        ("a eq 1 or b eq 2 and c eq 3", Logical("or", (A, Logical("and", (B, C))))),
        ("(a eq 1 or b eq 2) and c eq 3", Logical("and", (Logical("or", (A, B)), C))),
        ("not a eq 1 and b eq 2", Logical("and", (Negation(A), B))),
        ("not (a eq 1 and b eq 2)", Negation(Logical("and", (A, B)))),
        ("a/b eq 'it''s'", Comparison("eq", Path(("a", "b")), Literal("it's", "string"))),
        ("a eq -1.5e3", Comparison("eq", Path(("a",)), Literal(-1500.0, "number"))),
        ("a eq null", Comparison("eq", Path(("a",)), Literal(None, "null"))),
        ("a eq 2024-01-02", Comparison("eq", Path(("a",)), Literal("2024-01-02", "date"))),
        (
            "a ge 2024-01-02T03:04:05.678+01:00",
            Comparison("ge", Path(("a",)), Literal("2024-01-02T03:04:05.678+01:00", "datetime")),
        ),
        (
            "_x_value eq 0A0A0A0A-1111-2222-3333-444455556666",
            Comparison("eq", Path(("_x_value",)), Literal("0a0a0a0a-1111-2222-3333-444455556666", "guid")),
        ),
        ("contains(a,'x')", TextCall("contains", (Path(("a",)), Literal("x", "string")))),
        ("r/any()", Quantifier(("r",), "any", None, None)),
        (
            "r/all(x:x/a eq 1)",
            Quantifier(("r",), "all", "x", Comparison("eq", Path(("x", "a")), Literal(1, "number"))),
        ),
        (
            "x/Microsoft.Dynamics.CRM.In(PropertyName='p',PropertyValues=['1',\"2\"])",
            FunctionCall(
                "In",
                (
                    ("PropertyName", Literal("p", "string")),
                    ("PropertyValues", ListLiteral((Literal("1", "string"), Literal("2", "string")))),
                ),
                ("x",),
            ),
        ),
    ],
)
def test_filters_are_read(text: str, tree: Expression) -> None:
    assert parse_filter(text, {}) == tree


@settings(deadline=None)
@given(st.text(alphabet="ab(') eq12/,:@-.[]", max_size=40))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        parse_filter(text, {})
    except DataverseError as error:
        assert error.status == 400


@settings(deadline=None)
@given(st.text(max_size=60))
def test_every_string_comes_through_a_filter(text: str) -> None:
    quoted = text.replace("'", "''")
    assert parse_filter(f"a eq '{quoted}'", {}) == Comparison("eq", Path(("a",)), Literal(text, "string"))


def test_brackets_may_not_nest_without_end() -> None:
    with pytest.raises(DataverseError):
        parse_filter("(" * 200 + "a eq 1" + ")" * 200, {})


def test_cookies_come_back_as_they_went() -> None:
    inner = paging_xml(3, [], [], [])
    assert read_skip_token(skip_token(4, inner)) == (4, '<cookie page="3"></cookie>')


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/api/data/v9.2/", "GET /"),
        ("/api/data/v9.2/contacts?$select=a", "GET /contacts"),
        (
            "/api/data/v9.2/contacts(0a0a)/parentcustomerid_account/$ref",
            "GET /contacts({key})/parentcustomerid_account/$ref",
        ),
        ("/api/data/v9.2/contacts(a='x(1)/2')", "GET /contacts({key})"),
        ("/api/data/v9.2/contacts%280a0a%29", "GET /contacts({key})"),
        ("/api/data/v9.2/WhoAmI()", "GET /WhoAmI()"),
        ("/t/oauth2/v2.0/token", "GET /{tenant}/oauth2/v2.0/token"),
        ("/t/v2.0/.well-known/openid-configuration", "GET /{tenant}/v2.0/.well-known/openid-configuration"),
        ("/elsewhere", "GET /elsewhere"),
    ],
)
def test_labels(path: str, label: str) -> None:
    assert label_of("GET", path) == label
