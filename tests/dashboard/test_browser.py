"""The page in a real browser: two languages, two themes, three widths, keyboard, paper, attacks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from dashboard.page import About, build
from tests.dashboard import company
from tests.dashboard.browser import Tab

ATTACK = (
    "</title><script>document.title='pwned'</script>"
    "<img src=x onerror=\"document.title='x'\">{{7*7}}"
)
WIDTHS = (1440, 900, 360)
SHOTS = os.environ.get("BEYOND_LIKES_SHOTS")  # a folder to look at the pictures in
SWITCH = "document.getElementById('{}-{}').click()"
VISIBLE = """[...document.querySelectorAll('body [lang={}]')]
    .filter(one => getComputedStyle(one).display !== 'none').length"""
OPEN = "document.querySelectorAll('details').forEach(one => one.open = true)"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    made = {"small": company.small(), "empty": company.empty(), "hostile": company.hostile(ATTACK)}
    files = {}
    for name, content in made.items():
        marts = company.write(folder / f"{name}.duckdb", content)
        title = ATTACK if name == "hostile" else "Acme & Söhne"
        about = About(company.DAY, title, "Europe/Berlin", "EUR", "en")
        files[name] = folder / f"{name}.html"
        files[name].write_text(build(marts, about), encoding="utf-8")
    return files


@pytest.mark.parametrize(
    ("language", "theme", "width"),  # every two of them in every pair of their values
    [
        *[("en", "light", 1440), ("de", "dark", 1440), ("de", "light", 900)],
        *[("en", "dark", 900), ("en", "light", 360), ("de", "dark", 360)],
    ],
)
def test_it_fits_and_speaks_one_language(
    tab: Tab, pages: dict[str, Path], tmp_path: Path, language: str, theme: str, width: int
) -> None:
    tab.open(pages["small"], width=width, theme=theme)
    tab.run(SWITCH.format("lang", language))
    other = {"en": "de", "de": "en"}[language]
    assert tab.run(VISIBLE.format(other)) == 0
    assert tab.run(VISIBLE.format(language)) > 100
    assert tab.run("document.documentElement.scrollWidth") <= width
    colour = tab.run("getComputedStyle(document.body).backgroundColor")
    assert colour == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 26)"}[theme]
    assert tab.complaints() == []
    assert tab.requests() == []
    folder = Path(SHOTS) if SHOTS else tmp_path
    picture = folder / f"{width}-{theme}-{language}.png"
    tab.picture(picture, height=3000 if SHOTS else 900)
    assert picture.stat().st_size > 20_000  # a blank page is smaller


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("width", [1440, 1400, 1399, 1180])
def test_the_heads_of_the_strips_stand_in_one_line(
    tab: Tab, pages: dict[str, Path], language: str, width: int
) -> None:
    tab.open(pages["small"], width=width)
    tab.run(SWITCH.format("lang", language))
    heads = "[...document.querySelectorAll('.dh > i')]"
    assert tab.run(f"{heads}.every(one => one.getClientRects().length && one.offsetHeight < 24)")


@pytest.mark.parametrize("width", [1440, 1280, 1180, 900, 360])
def test_a_number_of_the_scorecard_stands_in_one_line(
    tab: Tab, pages: dict[str, Path], width: int
) -> None:
    tab.open(pages["small"], width=width)
    values = "[...document.querySelectorAll('.sc .v b')]"
    tab.run(f"{values}.forEach(one => one.textContent = '€221,653')")
    assert tab.run(f"{values}.every(one => one.offsetHeight && one.offsetHeight < 30)")


@pytest.mark.parametrize(
    ("name", "width", "theme", "language"),
    [
        ("small", 1440, "light", "en"),
        ("small", 360, "dark", "de"),
        ("empty", 360, "light", "en"),
        pytest.param("hostile", 1440, "dark", "de", marks=pytest.mark.long),
    ],
)
def test_axe_finds_nothing(
    tab: Tab, axe: str, pages: dict[str, Path], name: str, width: int, theme: str, language: str
) -> None:
    tab.open(pages[name], width=width, theme=theme)
    tab.run(SWITCH.format("lang", language))
    tab.run(OPEN)
    tab.run(axe + ";0")
    found: list[dict[str, Any]] = tab.run("axe.run().then(result => result.violations)")
    told = [f"{v['id']}: {v['help']}: {v['nodes'][0]['html'][:200]}" for v in found]
    assert told == []


@pytest.mark.parametrize("width", WIDTHS)
def test_names_made_of_script_tags_do_nothing(tab: Tab, pages: dict[str, Path], width: int) -> None:
    tab.open(pages["hostile"], width=width)
    tab.run(OPEN)
    assert tab.run("document.scripts.length") == 0
    assert tab.run("document.images.length") == 0
    assert tab.run("document.querySelector('h1').textContent") == ATTACK
    assert tab.run("document.title").startswith("KPI review")
    assert tab.run("document.documentElement.scrollWidth") <= width
    assert tab.requests() == []


def test_the_policy_refuses_what_slips_in(tab: Tab, pages: dict[str, Path], tmp_path: Path) -> None:
    """Were a name not escaped, the policy would still stop script, picture and style."""
    holed = tmp_path / "holed.html"
    text = pages["small"].read_text(encoding="utf-8")
    bad = "<script>document.title='pwned'</script><img src='http://127.0.0.1:9/x'>"
    holed.write_text(text.replace("<main>", f"<main>{bad}", 1), encoding="utf-8")
    tab.open(holed)
    assert tab.run("document.title").startswith("KPI review")
    refused = " ".join(tab.complaints())
    assert "script" in refused
    assert "img-src" in refused or "image" in refused


def test_the_keyboard_switches_language_and_theme(tab: Tab, pages: dict[str, Path]) -> None:
    tab.open(pages["small"])
    tab.press("Tab", 9)
    assert tab.run("document.activeElement.id") == "lang-en"
    outline = "getComputedStyle(document.querySelector('label[for=lang-en]')).outlineStyle"
    assert tab.run(outline) == "solid"
    tab.press("ArrowRight", 39)
    assert tab.run(VISIBLE.format("en")) == 0
    tab.press("Tab", 9)
    tab.press("ArrowRight", 39)
    tab.press("ArrowRight", 39)
    assert tab.run("document.activeElement.id") == "theme-dark"
    assert tab.run("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 26)"


def test_every_section_opens_by_keyboard_and_every_link_leads_somewhere(
    tab: Tab, pages: dict[str, Path]
) -> None:
    tab.open(pages["small"])
    closed = "document.querySelector('#kpi-cost_per_lead details')"
    tab.run(f"{closed}.querySelector('summary').focus()")
    tab.press("Enter", 13, "\r")
    assert tab.run(f"{closed}.open") is True
    dead = """[...document.querySelectorAll('a[href^="#"]')]
        .filter(one => !document.getElementById(one.hash.slice(1))).map(one => one.hash)"""
    assert tab.run(dead) == []


def test_paper_is_light_and_one_language(tab: Tab, pages: dict[str, Path]) -> None:
    tab.open(pages["small"], theme="dark")
    tab.run(SWITCH.format("lang", "de"))
    tab.ask("Emulation.setEmulatedMedia", media="print")
    assert tab.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.run(VISIBLE.format("en")) == 0
    assert tab.run("getComputedStyle(document.querySelector('.sw')).display") == "none"
    assert len(tab.ask("Page.printToPDF", paperWidth=8.27, paperHeight=11.69)["data"]) > 20_000
