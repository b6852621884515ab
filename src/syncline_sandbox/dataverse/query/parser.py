"""Recursive-descent parser for ``$filter`` and ``$orderby``."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from syncline_sandbox.dataverse.errors import bad_request
from syncline_sandbox.dataverse.query.expressions import (
    Comparison,
    Expression,
    FunctionCall,
    ListLiteral,
    Literal,
    Logical,
    Negation,
    OrderItem,
    Path,
    Quantifier,
    TextCall,
)
from syncline_sandbox.dataverse.query.lexer import Token, syntax_error, tokenize

_COMPARISONS = frozenset({"eq", "ne", "gt", "ge", "lt", "le"})
_TEXT_CALLS = frozenset({"contains", "startswith", "endswith"})
_NAMESPACE = "Microsoft.Dynamics.CRM."
_MAX_DEPTH = 60
_WORDS: dict[str, Literal] = {
    "true": Literal(True, "boolean"),
    "false": Literal(False, "boolean"),
    "null": Literal(None, "null"),
}


def parse_filter(text: str, aliases: Mapping[str, str]) -> Expression:
    """Raises a 400 for anything that the Web API does not understand."""
    parser = Parser(text, aliases)
    found = parser.expression()
    parser.expect_end()
    return found


def parse_orderby(text: str, aliases: Mapping[str, str]) -> list[OrderItem]:
    parser = Parser(text, aliases)
    items = [parser.order_item()]
    while parser.take_sign(","):
        items.append(parser.order_item())
    parser.expect_end()
    return items


def parse_value(text: str, aliases: Mapping[str, str]) -> Literal | ListLiteral:
    """One literal, as in the value of a parameter alias or a function's argument."""
    parser = Parser(text, aliases)
    found = parser.literal()
    parser.expect_end()
    return found


class Parser:
    def __init__(self, text: str, aliases: Mapping[str, str], depth: int = 0) -> None:
        self._text = text
        self._aliases = aliases
        self._tokens = tokenize(text)
        self._at = 0
        self._depth = depth

    # Tokens

    @property
    def _now(self) -> Token:
        return self._tokens[self._at]

    def _next(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _fail(self) -> Exception:
        return syntax_error(self._now.position, self._text)

    def take_sign(self, sign: str) -> bool:
        if self._now.kind == "sign" and self._now.text == sign:
            self._at += 1
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self.take_sign(sign):
            raise self._fail()

    def _take_word(self, word: str) -> bool:
        if self._now.kind == "name" and self._now.text == word:
            self._at += 1
            return True
        return False

    def expect_end(self) -> None:
        if self._now.kind != "end":
            raise self._fail()

    # Grammar, loosest binding first

    def expression(self) -> Expression:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise bad_request("The node count limit of the query has been exceeded.")
        operands = [self._conjunction()]
        while self._take_word("or"):
            operands.append(self._conjunction())
        self._depth -= 1
        return operands[0] if len(operands) == 1 else Logical("or", tuple(operands))

    def _conjunction(self) -> Expression:
        operands = [self._negation()]
        while self._take_word("and"):
            operands.append(self._negation())
        return operands[0] if len(operands) == 1 else Logical("and", tuple(operands))

    def _negation(self) -> Expression:
        if self._take_word("not"):
            return Negation(self._negation())
        return self._comparison()

    def _comparison(self) -> Expression:
        left = self._operand()
        if self._now.kind == "name" and self._now.text in _COMPARISONS:
            operator = self._next().text
            return Comparison(operator, left, self._operand())
        return left

    def _operand(self) -> Expression:
        if self.take_sign("("):
            inner = self.expression()
            self._expect(")")
            return inner
        token = self._now
        if token.kind != "name" or token.text in _WORDS:
            return self.literal()
        if token.text in _TEXT_CALLS and self._tokens[self._at + 1].text == "(":
            return self._text_call()
        return self._path()

    def _text_call(self) -> TextCall:
        name = self._next().text
        self._expect("(")
        arguments = [self._operand()]
        while self.take_sign(","):
            arguments.append(self._operand())
        self._expect(")")
        if len(arguments) != 2:
            raise bad_request(
                f"No function signature for the function with name '{name}' matches the specified arguments."
            )
        return TextCall(name, tuple(arguments))

    def _path(self) -> Expression:
        segments: list[str] = []
        while True:
            token = self._next()
            if token.kind != "name":
                self._at -= 1
                raise self._fail()
            if token.text in ("any", "all") and segments and self.take_sign("("):
                return self._quantifier(tuple(segments), token.text)
            if self._now.text == "(" and self._now.kind == "sign":
                return self._function(token, tuple(segments))
            segments.append(token.text)
            if not self.take_sign("/"):
                return Path(tuple(segments))

    def _quantifier(self, path: tuple[str, ...], kind: str) -> Quantifier:
        if self.take_sign(")"):
            if kind == "all":
                raise self._fail()
            return Quantifier(path, "any", None, None)
        variable = self._next()
        if variable.kind != "name":
            self._at -= 1
            raise self._fail()
        self._expect(":")
        condition = self.expression()
        self._expect(")")
        return Quantifier(path, "any" if kind == "any" else "all", variable.text, condition)

    def _function(self, token: Token, scope: tuple[str, ...]) -> FunctionCall:
        if not token.text.startswith(_NAMESPACE):
            raise bad_request(
                f"An unknown function with name '{token.text}' was found. This may also be a function "
                "import or a key lookup on a navigation property, which is not allowed."
            )
        self._expect("(")
        arguments: list[tuple[str, Literal | ListLiteral]] = []
        while not self.take_sign(")"):
            if arguments:
                self._expect(",")
            name = self._next()
            if name.kind != "name":
                self._at -= 1
                raise self._fail()
            self._expect("=")
            arguments.append((name.text, self.literal()))
        return FunctionCall(token.text.removeprefix(_NAMESPACE), tuple(arguments), scope)

    def order_item(self) -> OrderItem:
        path = self._path()
        if not isinstance(path, Path):
            raise self._fail()
        if self._take_word("desc"):
            return OrderItem(path, True)
        self._take_word("asc")
        return OrderItem(path, False)

    def literal(self) -> Literal | ListLiteral:
        token = self._next()
        match token.kind:
            case "string":
                return Literal(token.text[1:-1].replace("''", "'"), "string")
            case "quoted":
                return Literal(_json_string(token.text), "string")
            case "number":
                return Literal(_number(token.text), "number")
            case "guid":
                return Literal(token.text.lower(), "guid")
            case "date":
                return Literal(token.text, "date")
            case "datetime":
                return Literal(token.text, "datetime")
            case "enum":
                return Literal(token.text[token.text.index("'") + 1 : -1], "enum")
            case "name" if token.text in _WORDS:
                return _WORDS[token.text]
            case "alias":
                return self._alias(token.text)
            case "sign" if token.text == "[":
                return self._list()
            case _:
                self._at -= 1
                raise self._fail()

    def _list(self) -> ListLiteral:
        items: list[Literal] = []
        while not self.take_sign("]"):
            if items:
                self._expect(",")
            item = self.literal()
            if isinstance(item, ListLiteral):
                raise self._fail()
            items.append(item)
        return ListLiteral(tuple(items))

    def _alias(self, name: str) -> Literal | ListLiteral:
        """An alias without a value is null."""
        text = self._aliases.get(name)
        if text is None or self._depth > _MAX_DEPTH:
            return _WORDS["null"]
        inner = Parser(text, self._aliases, self._depth + 1)
        found = inner.literal()
        inner.expect_end()
        return found


def _number(text: str) -> int | float:
    bare = text.rstrip("mMdDfFlL")
    return float(bare) if any(char in bare for char in ".eE") else int(bare)


def _json_string(text: str) -> str:
    return msgspec.json.decode(text, type=str)
