"""As much of GraphQL as a platform's reading clients need: one operation, arguments, variables.

A schema names the fields of each type: to another type, or to None for a value without fields.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

TOKEN = re.compile(r'\.\.\.|[A-Za-z_]\w*|"(?:\\.|[^"\\])*"|-?\d+(?:\.\d+)?|[{}()\[\]:!=$@]')
CONSTANTS = {"true": True, "false": False, "null": None}

Schema: TypeAlias = Mapping[str, Mapping[str, str | None]]


class QueryError(Exception):
    """A query that cannot be run; `code` is what the platform calls the mistake."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.message, self.code = message, code


@dataclass(slots=True)
class Field:
    """One asked field: the name of its value in the reply, its arguments, its own fields."""

    alias: str
    name: str
    arguments: dict[str, Any]
    fields: list[Field] = field(default_factory=list)


class Query:
    """One operation, read from its text; variables take the place of their names."""

    def __init__(self, text: str, variables: Mapping[str, Any]) -> None:
        bare = re.sub(r'("(?:\\.|[^"\\])*")|#[^\n]*', lambda found: found[1] or "", text)
        self._tokens, self._at = TOKEN.findall(bare), 0
        self._variables = dict(variables)
        self.kind = "query"
        if self._peek() != "{":
            self.kind = self._next()
            if self._peek() not in ("(", "{"):
                self._next()
            self._declared()
        self.fields = self._selection()
        if self._at < len(self._tokens):
            raise QueryError(f"syntax error, unexpected {self._peek()!r}", "parseError")

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self, wanted: str = "") -> str:
        token = self._peek()
        if not token or (wanted and token != wanted):
            raise QueryError(f"syntax error, unexpected {token or 'end of file'!r}", "parseError")
        self._at += 1
        return token

    def _declared(self) -> None:
        """Read the declared variables: one with a `!` and no value is an error."""
        if self._peek() != "(":
            return
        self._next("(")
        while self._peek() != ")":
            self._next("$")
            name, kind = self._next(), ""
            self._next(":")
            while self._peek() not in ("$", ")", "=", ""):
                kind = self._next()
            if self._peek() == "=":
                self._next("=")
                self._variables.setdefault(name, self._value())
            if kind == "!" and self._variables.get(name) is None:
                raise QueryError(f"Variable ${name} was provided invalid value", "INVALID_VARIABLE")
            self._variables.setdefault(name, None)
        self._next(")")

    def _selection(self) -> list[Field]:
        found = []
        self._next("{")
        while self._peek() != "}":
            name = self._next()
            alias = name
            if self._peek() == ":":
                self._next(":")
                name = self._next()
            one = Field(alias, name, self._arguments())
            if self._peek() == "{":
                one.fields = self._selection()
            found.append(one)
        self._next("}")
        return found

    def _arguments(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self._peek() == "(":
            self._next("(")
            while self._peek() != ")":
                name = self._next()
                self._next(":")
                found[name] = self._value()
            self._next(")")
        return found

    def _value(self) -> Any:
        token = self._next()
        if token == "$":
            name = self._next()
            if name not in self._variables:
                raise QueryError(f"Variable ${name} is used but not declared", "variableNotDefined")
            return self._variables[name]
        if token == "[":
            items = []
            while self._peek() != "]":
                items.append(self._value())
            self._next("]")
            return items
        if token[0] == '"' or token[0] in "-0123456789":
            return json.loads(token)
        return CONSTANTS.get(token, token)


def check(fields: list[Field], type_: str, schema: Schema) -> None:
    """Raise QueryError for a field that the type does not have, or one asked in a wrong way."""
    for one in fields:
        if one.name == "__typename":
            continue
        if one.name not in schema[type_]:
            text = f"Field '{one.name}' doesn't exist on type '{type_}'"
            raise QueryError(text, "undefinedField")
        inner = schema[type_][one.name]
        if inner is None and one.fields:
            text = f"Selections can't be made on scalars (field '{one.name}')"
            raise QueryError(text, "selectionMismatch")
        if inner is not None and not one.fields:
            text = f"Field must have selections (field '{one.name}' returns {inner})"
            raise QueryError(text, "selectionMismatch")
        if inner is not None:
            check(one.fields, inner, schema)


def shaped(
    value: Any,
    fields: list[Field],
    type_: str,
    schema: Schema,
    resolve: Callable[[Field], Any] | None = None,
) -> Any:
    """Return the asked part of a value; `resolve` makes the values of the outermost fields."""
    if value is None:
        return None
    if isinstance(value, list):
        return [shaped(item, fields, type_, schema) for item in value]
    found = {}
    for one in fields:
        if one.name == "__typename":
            found[one.alias] = type_
            continue
        own = resolve(one) if resolve else value.get(one.name)
        inner = schema[type_][one.name]
        found[one.alias] = own if inner is None else shaped(own, one.fields, inner, schema)
    return found


def objects(fields: list[Field], type_: str, schema: Schema) -> Iterator[Field]:
    """Yield every asked field that is an object, at any depth."""
    for one in fields:
        inner = schema[type_].get(one.name)
        if inner is not None:
            yield one
            yield from objects(one.fields, inner, schema)
