"""What every stream does when its platform is empty, busy, refuses, or answers nonsense."""

from __future__ import annotations

import importlib
from itertools import islice

import pytest

from extractors.core.errors import FatalError
from extractors.core.types import streams_of
from extractors.project import FILE_SOURCES, modules
from tests.conftest import Platform
from tests.contract.cases import TOKEN, Case, connect, pages, prepare, scan

API_SOURCES = {name: module for name, module in modules().items() if name not in FILE_SOURCES}
CASES: list[Case] = [
    case
    for name in API_SOURCES
    for case in importlib.import_module(f"tests.contract.test_{name}").CASES
]

each_stream = pytest.mark.parametrize("case", CASES, ids=lambda case: case.stream.label)

each_list = pytest.mark.parametrize(
    "case", [case for case in CASES if case.is_list], ids=lambda case: case.stream.label
)


def test_every_stream_is_tested_and_names_its_permission() -> None:
    for module in API_SOURCES.values():
        known = set(streams_of(module))
        assert {case.stream.name for case in CASES if case.module is module} == known
        assert set(module.SOURCE.permissions) == known


@each_stream
def test_an_empty_answer_gives_no_record(case: Case, platform: Platform) -> None:
    prepare(case, platform)
    platform.says(case.path, case.empty)

    found = pages(case, connect(case.module, platform.url, []))

    assert [len(page.records) for page in found] == [0 if case.is_list else 1]


@each_stream
def test_overload_is_waited_for(case: Case, platform: Platform) -> None:
    prepare(case, platform)
    platform.says(case.path, {}, status=429, headers={"Retry-After": "3"})
    platform.says(case.path, case.empty)
    naps: list[float] = []

    pages(case, connect(case.module, platform.url, naps))

    assert naps == [3.0]


@each_stream
def test_a_body_that_is_cut_off_is_asked_for_again(case: Case, platform: Platform) -> None:
    prepare(case, platform)
    platform.says(case.path, b'{"elements": [{"id', cut=True)
    platform.says(case.path, b'[{"id": 1')
    platform.says(case.path, case.empty)
    naps: list[float] = []

    pages(case, connect(case.module, platform.url, naps))

    assert len(naps) == 2


@each_stream
def test_a_wrong_token_says_which_one_to_renew(case: Case, platform: Platform) -> None:
    prepare(case, platform)
    platform.says(case.path, {"message": f"Invalid {TOKEN}"}, status=401)

    with pytest.raises(FatalError) as caught:
        pages(case, connect(case.module, platform.url, []))

    source = case.stream.source
    assert str(caught.value) == (
        f"{case.stream.label}: token refused (401). "
        f'Renew the key in connection "{source}"; nothing was loaded.'
    )


@each_stream
def test_a_missing_right_is_named(case: Case, platform: Platform) -> None:
    prepare(case, platform)
    platform.says(case.path, {"error": {"title": "Forbidden"}}, status=403)

    with pytest.raises(FatalError) as caught:
        pages(case, connect(case.module, platform.url, []))

    assert str(caught.value).startswith(f"{case.stream.label}: ")
    assert case.module.SOURCE.permissions[case.stream.name] in caught.value.do


@each_list
def test_an_answer_of_another_shape_is_no_empty_answer(case: Case, platform: Platform) -> None:
    prepare(case, platform)
    platform.says(case.path, {"results": "none", "elements": None, "tickets": {}})

    with pytest.raises(FatalError, match="gave no list of objects"):
        pages(case, connect(case.module, platform.url, []))


@each_stream
def test_the_first_page_costs_no_second_one(case: Case, platform: Platform) -> None:
    prepare(case, platform)
    platform.says(case.path, case.empty)

    list(islice(case.stream.extract(connect(case.module, platform.url, []), scan()), 1))

    assert len([call for call in platform.calls if call.path == case.path]) == 1
