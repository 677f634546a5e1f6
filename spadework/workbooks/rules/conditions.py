"""Conditions in the seed's language: `!!{{Col}}`, `!{{Col}}`, `==`, `!=`, `&&`, `||` and parentheses; pure.

A small parser of our own: the text comes from people and plans, so it must never reach an evaluator
that can do more than compare.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from spadework.core.errors import InvalidInput
from spadework.plug.column import Value

Predicate = Callable[[Mapping[str, Value]], bool]
Term = Callable[[Mapping[str, Value]], Value]
MAX_CHARACTERS = 4000
_TOKEN = re.compile(
    r"\s*(?:(?P<ref>\{\{\s*[^{}]+?\s*\}\})|(?P<text>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>true|false|null)\b|(?P<op>===|!==|==|!=|>=|<=|&&|\|\||>|<|!|\(|\)))"
)
_REF = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
_WORDS: dict[str, Value] = {"true": True, "false": False, "null": None}


def references(text: str) -> set[str]:
    """Every column the condition names, as it names them (`f_…` once stored)."""
    return set(_REF.findall(text))


@lru_cache(maxsize=1024)
def compile_condition(text: str) -> Predicate:
    """The condition as a function of a row's values by ref; a missing value counts as empty.

    Raises:
        InvalidInput: it cannot be read; the message points at the place.
    """
    if len(text) > MAX_CHARACTERS:
        raise InvalidInput(f"A condition may have up to {MAX_CHARACTERS:,} characters.")
    parser = _Parser(text)
    predicate = parser.either()
    if parser.kind is not None:
        raise parser.problem()
    return lambda values: bool(is_filled(predicate(values)))


def is_filled(value: Value) -> bool:
    """Whether a value counts as there: false, blank text, empty lists and null do not; 0 does."""
    if value is None or value is False:
        return False
    if isinstance(value, str):
        return value.strip() != ""
    if isinstance(value, list | dict):
        return bool(value)
    return True


class _Parser:
    """Reads the text token by token; `kind` and `token` are the next one."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self.kind: str | None = None
        self.token = ""
        self._next()

    def problem(self) -> InvalidInput:
        """The error for what stands here."""
        shown = self._text[self._at - len(self.token) :][:30] or "the end"
        return InvalidInput(
            f'The condition cannot be read at {shown!r}. Write it like !!{{{{Domain}}}} && {{{{Country}}}} == "Canada".'
        )

    def either(self) -> Term:
        self._depth += 1
        if self._depth > 50:
            raise InvalidInput("The condition is nested too deeply. Simplify it.")
        terms = [self._both()]
        while self._take("||"):
            terms.append(self._both())
        self._depth -= 1
        return terms[0] if len(terms) == 1 else lambda values: any(is_filled(term(values)) for term in terms)

    def _both(self) -> Term:
        terms = [self._comparison()]
        while self._take("&&"):
            terms.append(self._comparison())
        return terms[0] if len(terms) == 1 else lambda values: all(is_filled(term(values)) for term in terms)

    def _comparison(self) -> Term:
        left = self._unary()
        if self.kind == "op" and self.token in ("==", "!=", "===", "!==", ">", "<", ">=", "<="):
            op = self.token
            self._next()
            right = self._unary()
            return lambda values: _compare(op, left(values), right(values))
        return left

    def _unary(self) -> Term:
        if self._take("!"):
            self._depth += 1
            if self._depth > 50:
                raise InvalidInput("The condition is nested too deeply. Simplify it.")
            inner = self._unary()
            self._depth -= 1
            return lambda values: not is_filled(inner(values))
        if self._take("("):
            inside = self.either()
            if not self._take(")"):
                raise self.problem()
            return inside
        return self._literal()

    def _literal(self) -> Term:
        kind, token = self.kind, self.token
        if kind not in ("ref", "text", "number", "word"):
            raise self.problem()
        self._next()
        if kind == "ref":
            name = _REF.fullmatch(token.strip())
            assert name is not None, "the token matched as a reference"
            ref = name[1]
            return lambda values: values.get(ref)
        literal: Value = (
            re.sub(r"\\(.)", r"\1", token[1:-1])
            if kind == "text"
            else float(token)
            if kind == "number"
            else _WORDS[token]
        )
        return lambda _: literal

    def _take(self, token: str) -> bool:
        if self.kind == "op" and self.token == token:
            self._next()
            return True
        return False

    def _next(self) -> None:
        match = _TOKEN.match(self._text, self._at)
        if match is None:
            rest = self._text[self._at :].strip()
            self.kind, self.token = (None, "") if not rest else ("unreadable", rest)
            self._at = len(self._text)
            return
        self._at = match.end()
        self.kind = match.lastgroup
        self.token = match[0].strip()


def _compare(op: str, left: Value, right: Value) -> bool:
    if op in ("==", "==="):
        return _same(left, right)
    if op in ("!=", "!=="):
        return not _same(left, right)
    a, b = _number(left), _number(right)
    if a is None or b is None:
        return False
    return a > b if op == ">" else a < b if op == "<" else a >= b if op == ">=" else a <= b


def _same(left: Value, right: Value) -> bool:
    if not is_filled(left) and not is_filled(right) and left is not False and right is not False:
        return True
    a, b = _number(left), _number(right)
    if a is not None and b is not None:
        return a == b
    if isinstance(left, bool) or isinstance(right, bool):
        return str(left).lower() == str(right).lower()
    return left == right


def _number(value: Value) -> float | None:
    if isinstance(value, bool) or value is None or isinstance(value, list | dict):
        return None
    try:
        return float(value)
    except ValueError:
        return None
