"""A dbt that does the same for less: what a fork of tests/warm.py need not do, or need not repeat.

What it parses, compiles, runs and writes is what dbt would, but for its diagnostic files.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import marshal
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeAlias

Share: TypeAlias = Callable[[Path, bytes], None]


def lighten(folder: Path, share: Share) -> None:
    """Change dbt in this process and its forks; what they compile they share in a folder."""
    _keep_templates(folder, share)
    _leave_out_debug_events()
    _name_macros_at_once()
    _find_the_with_alone()
    _know_types_once()


def _keep_templates(folder: Path, share: Share) -> None:
    """Let forks share what Jinja compiled: a fifth of a small build compiles the same templates."""
    from jinja2 import Environment

    compile_template = Environment.compile

    def kept(self: Environment, source: str, *names: Any, **options: Any) -> Any:
        key = repr((type(self).__qualname__, source, names, sorted(options.items())))
        own = folder / hashlib.sha256(key.encode()).hexdigest()
        with contextlib.suppress(FileNotFoundError):
            return marshal.loads(own.read_bytes())
        code = compile_template(self, source, *names, **options)
        share(own, marshal.dumps(code))
        return code

    Environment.compile = kept  # type: ignore[assignment, method-assign]


def _leave_out_debug_events() -> None:
    """Make no message that nobody is told: a fifth of a small build is dbt's debug events."""
    from dbt_common.events.base_types import BaseEvent, DebugLevel
    from dbt_common.events.event_manager import EventManager

    make, tell = BaseEvent.__init__, EventManager.fire_event

    def made(self: Any, *args: Any, **fields: Any) -> None:
        if isinstance(self, DebugLevel) and type(self).__name__ != "Note":  # may be a warning
            self.pb_msg = None
        else:
            make(self, *args, **fields)

    def told(self: EventManager, e: BaseEvent, *args: Any, **options: Any) -> None:
        if e.pb_msg is not None:
            tell(self, e, *args, **options)

    BaseEvent.__init__ = made
    EventManager.fire_event = told


def _name_macros_at_once() -> None:
    """Give a node its macros as dbt does, at less cost: a tenth of a small build names them."""
    from dbt.clients.jinja import MacroGenerator
    from dbt.context import base
    from dbt.context.macros import GLOBAL_PROJECT_NAME, MacroNamespace, MacroNamespaceBuilder

    def build(self: Any, by_package: dict[str, dict[str, Any]], ctx: Any) -> MacroNamespace:
        same = {"context": ctx, "node": self.node, "stack": self.thread_ctx}
        made: dict[str, dict[str, Any]] = {}
        for package, macros in by_package.items():
            made[package] = own = {}
            for name, macro in macros.items():
                own[name] = one = MacroGenerator.__new__(MacroGenerator)
                one.__dict__ = {**same, "macro": macro}
        internal: dict[str, Any] = {}
        for package in reversed(self.internal_package_names_order):
            internal |= made.pop(package, {})
        local, root = (made.get(name, {}) for name in (self.search_package, self.root_package))
        namespace = MacroNamespace(root, local, internal, made)
        known = {**internal, GLOBAL_PROJECT_NAME: internal, **made, **root, **local}
        namespace.known = known
        return namespace

    base.get_context_modules = functools.cache(base.get_context_modules)
    MacroNamespaceBuilder.build_namespace = build
    MacroNamespace.__getitem__ = lambda self, key: self.known[key]
    MacroNamespace.__iter__ = lambda self: iter(self.known)


def _find_the_with_alone() -> None:
    """Let dbt look for a leading `with` and no further: a tenth of the unit tests lexes SQL."""
    import sqlparse
    from dbt import compilation

    lexer: Any = sqlparse.lexer
    sql: Any = sqlparse.sql
    tokens: Any = sqlparse.tokens

    def parse(text: str) -> tuple[Any]:
        head, read, found = [], 0, False
        for kind, value in lexer.tokenize(text):
            head.append(token := sql.Token(kind, value))
            read += len(value)
            if not (token.is_whitespace or kind in tokens.Comment):
                if found or token.normalized != "WITH":
                    break
                found = True
        return (sql.Statement([*head, sql.Token(tokens.Text, text[read:])]),)

    compilation.sqlparse = SimpleNamespace(parse=parse, sql=sql, tokens=tokens)


def _know_types_once() -> None:
    """Make the readers of answers once for the same columns: they compile patterns for dates."""
    from dbt_common.clients import agate_helper

    make = functools.cache(agate_helper.build_type_tester)
    agate_helper.build_type_tester = lambda text_columns, string_null_values=("null", ""): make(
        frozenset(text_columns), tuple(string_null_values)
    )


def link_once(manifest: Any) -> None:
    """Lend builds the graph of the project, and let each find what it excludes once, not thrice."""
    from dbt.compilation import Compiler, Linker
    from dbt.graph import Graph
    from dbt.graph.selector import NodeSelector

    link, find = Compiler.compile, NodeSelector.select_included
    linker, found = Linker(), {}
    linker.link_graph(manifest)
    manifest.build_parent_and_child_maps()
    linker.add_test_edges(manifest)

    def linked(self: Any, project: Any, write: bool = True, add_test_edges: bool = False) -> Any:
        if project is not manifest or not add_test_edges:
            return link(self, project, write, add_test_edges)
        self.initialize()
        return Graph(linker.graph)

    def included(self: Any, nodes: Any, named: Any) -> Any:
        if id(named) not in found:
            found[id(named)] = named, find(self, nodes, named)
        return set(found[id(named)][1])

    Compiler.compile = linked
    NodeSelector.select_included = included
