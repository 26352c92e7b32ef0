"""Models are one text for DuckDB and Spark; what only one has stands in a macro of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1] / "dbt_project"
# Macros of sources that other tools load read DuckDB files: attach, JSON (docs/how-to/spark.md).
ONLY_DUCKDB = ("foreign/", "materializations.sql")
OWN_FORMS = re.compile(r"{%-? *macro (?:duckdb|spark)__.*?{%-? *endmacro *-?%}", re.DOTALL)
COMMENT = re.compile(r"{#.*?#}|--[^\n]*", re.DOTALL)
TEMPLATE = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
WORDS = "qualify asof pivot unpivot ilike glob varchar hugeint ubigint timestamptz"
FUNCTIONS = (
    "arg_max arg_min hash list_[a-z]+ struct_[a-z]+ json_[a-z]+ unnest generate_series strftime "
    "strptime epoch[a-z_]* timezone regexp_matches string_agg quantile[a-z_]* columns exclude"
)
PHRASES = (r"(?:group|order)\s+by\s+all\b", r"distinct\s+on\b", r"select\s+from\b")
NOT_PORTABLE = re.compile(
    rf"\b(?:{'|'.join(WORDS.split())})\b|\b(?:{'|'.join(FUNCTIONS.split())})\s*\("
    rf"|\b(?:{'|'.join(PHRASES)})|::|(?<=[\s(,])\[",
    re.IGNORECASE,
)


def found(text: str) -> list[str]:
    """Return what in SQL with templates one of both engines does not know."""
    plain = TEMPLATE.sub(" t ", OWN_FORMS.sub(" ", COMMENT.sub(" ", text)))
    return [match.group().strip() for match in NOT_PORTABLE.finditer(plain)]


def test_sql_is_written_for_both_engines() -> None:
    files = [*PROJECT.glob("models/**/*.sql"), *PROJECT.glob("macros/**/*.sql")]
    names = {str(file.relative_to(PROJECT)): file.read_text("utf-8") for file in files}
    read = {
        name: text
        for name, text in names.items()
        if not name.removeprefix("macros/").startswith(ONLY_DUCKDB)
    }
    assert len(read) > 200
    assert {name: there for name, text in read.items() if (there := found(text))} == {}


@pytest.mark.parametrize(
    "sql",
    [
        "select a from t qualify row_number() over (order by a) = 1",
        "select arg_max(a, b) from t",
        "select a from t asof join u using (a)",
        "select a in [1, 2] from t",
        "select a, count(*) from t group by all",
        "select hash(a) from t",
        "select a::date from t",
        "select cast(a as varchar) from t",
        "select {{ column }}, list_sort(a) from t",
    ],
)
def test_what_one_engine_lacks_is_found(sql: str) -> None:
    assert found(sql)


def test_a_macro_of_one_engine_may_say_what_it_likes() -> None:
    macro = "{% macro duckdb__a(b) -%} epoch_ms({{ b }}) {%- endmacro %}"
    assert not found(macro)
    assert found(macro.replace("duckdb__a", "a"))
