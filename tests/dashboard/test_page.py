"""The page of small companies written by hand: what stands on it, and what never does."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from dashboard import charts, funnels, german
from dashboard.page import About, build, review
from extractors.config import read
from extractors.core.errors import FatalError, UsageError
from tests.dashboard import company

MODELS = Path(__file__).parents[2] / "dbt_project" / "models"
ABOUT = About(company.DAY, "Acme <GmbH>", "Europe/Berlin", "EUR", "de")


class Words(HTMLParser):
    """The text of one language."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language, self.hidden, self.said = language, 0, [""]
        self.stack: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("meta", "input", "br"):
            return
        off = tag == "style" or dict(attrs).get("lang", self.language) != self.language
        self.stack.append(off and tag != "html")
        self.hidden += self.stack[-1]

    def handle_endtag(self, tag: str) -> None:
        if self.stack:
            self.hidden -= self.stack.pop()

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.said.append(data)


def words(page: str, language: str) -> str:
    parser = Words(language)
    parser.feed(page)
    return re.sub(r"\s+", " ", "".join(parser.said))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("marts") / "marts.duckdb"
    return build(company.write(file, company.small()), ABOUT)


def test_a_reader_finds_in_a_minute_what_how_sure_since_when_whom_and_what_to_try(
    page: str,
) -> None:
    said = words(page, "en")
    for sentence in (
        "One of 3 KPIs with a target surely misses it: Qualified applications.",
        "Sure. The 95% interval, 21–44, ends below the target.",
        "Since October 2026, one month.",
        "Facebook · electricians · salary: 58 qualified applications of 2,140 clicks",
        "Figures up to 22 Nov 2026. Times in Europe/Berlin, amounts in EUR.",
    ):
        assert sentence in said, sentence
    assert '<a href="mailto:hr@acme.example">HR Lead</a>' in page


def test_a_campaign_s_rate_stands_beside_its_interval(page: str) -> None:
    said = words(page, "en")
    assert "0.32% (0.13–0.83%)" in said  # 4 of 1,240
    assert "3.2% (1.9–5.3%)" in said  # 14 of 440


def test_times_are_on_the_company_s_clock(page: str) -> None:
    assert "19.11.2026, 05:09" in words(page, "de")  # 04:09 UTC


def test_german_readers_read_german(page: str) -> None:
    said = words(page, "de")
    for sentence in (
        "Eine von 3 KPIs mit Ziel verfehlt es sicher: Qualifizierte Bewerbungen.",
        "Like-Falle: „Be part of the team“ bekam 200 Likes und 50 Kommentare (2,5 Reaktionen je"
        " 100 Aufrufe), brachte aber 4 qualifizierte Bewerbungen.",
        "1.234 €", "≤ 1.500 €", "90,0 %", "87,0–92,3 %", "Oktober 2026",
    ):  # fmt: skip
        assert sentence in said, sentence
    assert "Off target" not in said
    assert page.startswith('<!doctype html>\n<html lang="de">')
    assert 'id="lang-de" checked' in page


def test_no_data_is_said_and_never_drawn_as_0(page: str) -> None:
    row = page[page.index("Order revenue") :]
    row = row[: row.index("</tr>")]
    assert "<b>–</b>" in row
    assert "keine Zahl: nicht als 0 gezeichnet" in row
    assert '<svg class="strip' not in row
    interviews_unknown = r"196\s*84\s*42\.9%\s*–\s*24\s*12\.2%"
    assert re.search(interviews_unknown, words(page, "en"))


def test_a_month_without_a_figure_is_a_gap_in_the_line() -> None:
    past = [
        {"value": v, "target": None, "mature": m}
        for v, m in ((1.0, True), (2.0, True), (None, True), (3.0, True), (9.0, False))
    ]
    drawn = str(charts.spark(past, "on"))
    assert drawn.count('class="ln"') == 2
    assert drawn.count('class="hol"') == 1


def test_one_style_by_its_hash_and_nothing_else_is_allowed(page: str) -> None:
    style = re.search(r"<style>(.*?)</style>", page, re.S)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert f'content="{policy}"' in page
    for never in (
        "<script",
        " style=",
        "<img",
        "<link",
        "javascript:",
        "http://",
        "https://",
        "url(h",
    ):
        assert never not in page, never


def test_names_stay_text(tmp_path: Path) -> None:
    attack = "<script>alert(1)</script>\"'{{ 7 * 7 }}"
    marts = company.write(tmp_path / "marts.duckdb", company.hostile(attack))
    made = build(marts, About(company.DAY, attack))
    assert "<script" not in made
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;{{ 7 * 7 }}" in made
    assert attack in words(made, "en")


def test_an_empty_company_is_told_what_to_connect(tmp_path: Path) -> None:
    said = words(build(company.write(tmp_path / "m.duckdb", company.empty()), ABOUT), "en")
    assert "No KPI has any data yet." in said
    assert "No source is connected yet. To mend: HR (not connected)." in said
    assert "Connect a source for it." in said
    assert "Vanity gap" not in said


def test_a_release_of_an_older_version_lacks_sections_not_the_page(tmp_path: Path) -> None:
    file = tmp_path / "marts.duckdb"
    duckdb.connect(str(file)).close()
    assert "No KPI has any data yet." in words(build(file, ABOUT), "en")


def test_the_handmade_company_has_the_columns_of_the_marts() -> None:
    real: dict[str, set[str]] = {}
    for file in MODELS.rglob("_*__models.yml"):
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]:
            real[model["name"]] = {column["name"] for column in model.get("columns", [])}
    for name, columns in company.TABLES.items():
        assert set(columns.split()) <= real[name], name


def test_every_german_word_belongs_to_a_kpi() -> None:
    known = set()
    for file in (MODELS / "metrics").glob("*.yml"):
        for metric in yaml.safe_load(file.read_text(encoding="utf-8")).get("metrics", []):
            if metric.get("config", {}).get("meta", {}).get("kpi"):
                known.add(metric["name"])
    assert set(german.NAMES) == set(german.MEANINGS) == known


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(0, 10, 0.0, 0.27753279), (56, 70, 0.69183, 0.87695), (10, 10, 0.72246721, 1.0)],
)
def test_the_interval_of_a_share(count: int, of: int, low: float, high: float) -> None:
    assert funnels.wilson(count, of) == pytest.approx((low, high), abs=1e-5)


def test_the_scale_is_better_to_the_right_for_costs_too() -> None:
    row: dict[str, Any] = {"target": 100.0, "value": 50.0, "lower_95": None, "upper_95": None}
    cheap = str(charts.distance({**row, "direction": "down"}, "on"))
    few = str(charts.distance({**row, "direction": "up"}, "off"))
    assert 'cx="87.8%"' in cheap
    assert 'cx="12.2%"' in few


def published(folder: Path) -> Path:
    release = folder / "data" / "releases" / "one"
    release.mkdir(parents=True)
    company.write(release / "marts.duckdb", company.small())
    (release / "catalog.json").write_text('{"business_date": "2026-11-22"}')
    (folder / "data" / "published").symlink_to("releases/one")
    settings = folder / "sources.yml"
    settings.write_text("name: Nordlicht\nlanguage: de\ntimezone: Europe/Berlin\n")
    return settings


def test_review_builds_the_page_of_what_is_published(tmp_path: Path) -> None:
    config = read(published(tmp_path))
    made = review(config)
    text = made.read_text(encoding="utf-8")
    assert made == tmp_path / "data" / "releases" / "one" / "kpi_review.html"
    assert "<h1>Nordlicht</h1>" in text
    assert 'id="lang-de" checked' in text
    other = review(config, "en", tmp_path / "mail.html")
    assert 'id="lang-en" checked' in other.read_text(encoding="utf-8")
    assert sorted(path.name for path in made.parent.iterdir()) == [
        "catalog.json", "kpi_review.html", "marts.duckdb",
    ]  # fmt: skip


def test_a_page_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    config = read(published(tmp_path))
    with pytest.raises(FatalError, match=r"the page could not be written \(No such file"):
        review(config, "en", tmp_path / "nowhere" / "mail.html")


def test_review_says_what_to_do_without_a_release(tmp_path: Path) -> None:
    (tmp_path / "sources.yml").write_text("")
    with pytest.raises(FatalError, match="nothing is published here"):
        review(read(tmp_path / "sources.yml"))
    with pytest.raises(UsageError, match="'fr' is not spoken"):
        review(read(published(tmp_path / "x")), "fr")


def test_the_running_month_is_no_part_of_a_sparkline(page: str) -> None:
    row = page[page.index('class="sc"') :]
    row = row[: row.index("</tr>", row.index('class="k"'))]
    assert "4 months: 29 to 41, newest 31." in row
    assert date(2026, 11, 1) <= company.DAY
