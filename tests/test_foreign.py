"""Sources that Fivetran, Airbyte or dlt have loaded: tables in their layouts become our facts.

The small tables in tests/foreign/ are written from the tools' documentation, with what goes wrong
there: deleted rows, repeated rows, child tables of older versions, loads that have not ended.
Neither dlt's verified sources nor its core sources hold Greenhouse or LinkedIn pages.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.company import Company, parsed

TABLES = Path(__file__).parent / "foreign"
DAY = "2026-03-11"
SCHEMAS = {
    "fivetran": {
        "greenhouse": "schema: greenhouse, columns: {utm_campaign: custom_campaign}",
        "hubspot": "schema: hubspot",
        "zendesk": "schema: zendesk",
        "linkedin": "schema: linkedin_company_pages",
        "meta_ads": "schema: facebook_ads",
    },
    "airbyte": {
        "greenhouse": "schema: airbyte, prefix: gh_,"
        " columns: {utm_campaign: custom_fields.campaign.value}",
        "hubspot": "schema: airbyte, prefix: hs_",
        "zendesk": "schema: airbyte, prefix: zd_",
        "linkedin": "schema: airbyte, prefix: li_",
        "meta_ads": "schema: airbyte, prefix: fb_",
    },
    "dlt": {
        "hubspot": "schema: hubspot_data",
        "zendesk": "schema: zendesk_data",
        "meta_ads": "schema: facebook_ads_data, constants: {currency: EUR}",
    },
}
BUILT = [
    "+data_coverage",
    "+fct_account_days",
    "stg_meta_ads__ad_actions",
    "+int_claimed_conversions__unioned",
]


def company(folder: Path, tool: str, *, elsewhere: bool) -> Company:
    """A company whose sources `tool` has loaded: into a file of its own, or into our warehouse."""
    made = Company(folder)
    file = folder / ("lake.duckdb" if elsewhere else "data/warehouse.duckdb")
    file.parent.mkdir(exist_ok=True)
    with duckdb.connect(str(file)) as db:
        db.execute((TABLES / f"{tool}.sql").read_text(encoding="utf-8"))
    where = ", file: lake.duckdb" if elsewhere else ""
    lines = [
        f"  {source}: {{loaded_by: {tool}, {setting}{where}}}"
        for source, setting in SCHEMAS[tool].items()
    ]
    made.settings("sources:\n" + "\n".join(lines) + "\n")
    return made


TOOLS = ["fivetran", *(pytest.param(one, marks=pytest.mark.long) for one in ("airbyte", "dlt"))]


@pytest.fixture(scope="module", params=TOOLS)
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One build over all sources of one tool; Airbyte wrote into our own warehouse."""
    tool = str(request.param)
    made = company(tmp_path_factory.mktemp(tool), tool, elsewhere=tool != "airbyte")
    kinds = ["--resource-type", "seed", "--resource-type", "model"]
    with parsed(made.folder / "data" / "dbt" / "target"):
        done = made.run("build", "--date", DAY, "--select", *BUILT, *kinds)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    return tool, made


def found(loaded: Any, source: str, sql: str) -> list[tuple[Any, ...]]:
    tool, made = loaded
    if source not in SCHEMAS[tool]:
        pytest.skip(f"{tool} has no connector for {source}")
    rows: list[tuple[Any, ...]] = made.warehouse(sql)
    return rows


def test_applications_without_prospects_and_deleted_ones(loaded: Any) -> None:
    sql = """select application_id, applied_on, platform, campaign, qualified, hired_on, job_id,
        person from marts.fct_applications order by application_id"""
    assert found(loaded, "greenhouse", sql) == [
        ("1", date(2026, 3, 2), "linkedin", "spring", True, date(2026, 3, 7), "71",
         "greenhouse:11"),
        ("2", date(2026, 3, 2), "indeed", "unassigned", False, None, "71", "greenhouse:12"),
    ]  # fmt: skip


def test_merged_and_deleted_contacts_are_no_leads(loaded: Any) -> None:
    sql = """select lead_id, created_on, platform, campaign, qualified,
        cast(qualified_at as varchar), has_won_deal, person from marts.fct_leads order by lead_id"""
    assert found(loaded, "hubspot", sql) == [
        ("101", date(2026, 3, 1), "linkedin", "spring", True, "2026-03-08 10:00:00", True,
         "hubspot:101"),
        ("104", date(2026, 3, 4), "facebook", "shoes", False, None, False, "hubspot:104"),
    ]  # fmt: skip


def test_deals_belong_to_the_contact_that_is_left_after_a_merge(loaded: Any) -> None:
    sql = """select deal_id, lead_id, won, closed_on, amount, currency
        from marts.fct_deals order by deal_id"""
    assert found(loaded, "hubspot", sql) == [
        ("201", "101", True, date(2026, 3, 8), Decimal("1200.5"), "EUR"),
        ("202", "101", False, date(2026, 3, 9), Decimal("800"), "EUR"),
    ]


def test_requests_by_their_last_state_and_their_first_public_reply(loaded: Any) -> None:
    sql = """select request_id, platform, resolved, cast(resolved_at as varchar),
        cast(first_response_at as varchar), satisfaction,
        person from marts.fct_support_requests order by request_id"""
    assert found(loaded, "zendesk", sql) == [
        ("1", "facebook", True, "2026-03-03 08:00:00", "2026-03-02 08:14:00", 1.0,
         "zendesk:31"),
        ("2", "email", False, None, None, None, "zendesk:32"),
    ]  # fmt: skip


def test_posts_and_followers_as_far_as_the_connector_goes(loaded: Any) -> None:
    posts = "select post_id, published_on, campaign, type, text, likes from marts.fct_posts"
    followers = "select account_id, day, followers from marts.fct_account_days order by day"
    gains = "select account_id, metric_date, organic_gain_count, paid_gain_count from"
    page = "urn:li:organization:5"
    if loaded[0] == "airbyte":
        assert found(loaded, "linkedin", posts) == []
        assert found(loaded, "linkedin", followers) == [
            (page, date(2026, 3, 3), 496),
            (page, date(2026, 3, 4), 500),
        ]
    else:
        assert found(loaded, "linkedin", posts) == [
            ("urn:li:share:1", date(2026, 3, 1), "spring", "image", None, 40)
        ]
        assert found(loaded, "linkedin", followers) == []
        sql = f"{gains} staging.stg_linkedin__follower_gains"
        assert staged(loaded[1], sql) == [(page, date(2026, 3, 2), 3, 1)]


def staged(made: Company, sql: str) -> list[tuple[Any, ...]]:
    """Read a view of the warehouse that may read the other file."""
    lake = made.folder / "lake.duckdb"
    with duckdb.connect(str(made.folder / "data" / "warehouse.duckdb"), read_only=True) as db:
        if lake.exists():
            db.execute(f"attach '{lake}' as foreign_1 (read_only)")
        return db.execute(sql).fetchall()


def test_ad_days_count_clicks_on_links(loaded: Any) -> None:
    sql = """select platform, ad_id, day, campaign, impressions, clicks, spend, currency, leads,
        conversions, is_final from marts.fct_ad_days"""
    assert found(loaded, "meta_ads", sql) == [
        ("facebook", "9001", date(2026, 3, 4), "spring", 1000, 30, Decimal("25.17"), "EUR", None,
         None, None)
    ]  # fmt: skip


def test_a_conversion_under_several_action_types_is_claimed_once(loaded: Any) -> None:
    sql = """select campaign, date, claim, attribution_window, claimed, claimed_value
        from intermediate.int_claimed_conversions__unioned order by claim, attribution_window"""
    day = date(2026, 3, 4)
    assert staged(loaded[1], sql) == [
        ("Spring", day, "lead", "1d_view", 1.0, None),
        ("Spring", day, "lead", "7d_click", 1.0, None),
        ("Spring", day, "lead", "default", 2.0, None),
        ("Spring", day, "purchase", "7d_click", 3.0, Decimal("89.97")),
        ("Spring", day, "purchase", "default", 3.0, Decimal("89.97")),
    ]


def test_coverage_says_who_loads_and_how_fresh_it_is(loaded: Any) -> None:
    tool = loaded[0]
    sql = """select source, stream, status, rows, freshness_days, note, rejected_rows
        from marts.data_coverage where stream in ('contacts', 'tickets', 'posts')
        and source in ('hubspot', 'zendesk', 'linkedin') order by stream"""
    ours = f"loaded by {tool}"
    posts: list[tuple[Any, ...]] = [("linkedin", "posts", "ok", 1, 1, ours, None)]
    if tool == "airbyte":
        note = "airbyte does not bring this stream"
        posts = [("linkedin", "posts", "not_configured", None, None, note, None)]
    expected = [
        ("hubspot", "contacts", "ok", 3, 1, ours, None),
        *(posts if tool != "dlt" else []),
        ("zendesk", "tickets", "ok", 3 if tool == "fivetran" else 4, 1, ours, None),
    ]
    assert found(loaded, "hubspot", sql) == expected


def test_nobody_is_named_in_our_warehouse(loaded: Any) -> None:
    """All tables of ours, as text; the tool's own tables are not ours to clean."""
    sql = """select schema_name, table_name from duckdb_tables() where database_name = 'warehouse'
        and schema_name in ('raw', 'ops', 'marts', 'intermediate', 'staging')"""
    with duckdb.connect(str(loaded[1].folder / "data/warehouse.duckdb"), read_only=True) as db:
        names = db.execute(sql).fetchall()
        assert len(names) > 40
        for schema, name in names:
            text = str(db.execute(f'select * from "{schema}"."{name}"').fetchall()).lower()
            assert "secret" not in text, (schema, name)


def test_sources_shows_who_loads(loaded: Any) -> None:
    tool, made = loaded
    done = made.run("sources")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(f"loaded by {tool}") == len(SCHEMAS[tool])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("greenhouse: {loaded_by: dlt, schema: x}", "Choose airbyte or fivetran"),
        ("personio: {loaded_by: dlt, schema: x}", "it has no mapping"),
        ("hubspot: {loaded_by: fivetran}", "hubspot.schema: Field required"),
        ("hubspot: {loaded_by: dlt, schema: x, tables: y}", "hubspot.tables: Extra inputs"),
        ("hubspot: {loaded_by: dlt, schema: x, file: no.duckdb}", "no file"),
        ("hubspot: {loaded_by: dlt, schema: absent}", "no table"),
    ],
)
def test_a_wrong_line_says_what_to_do(tmp_path: Path, line: str, message: str) -> None:
    made = Company(tmp_path)
    made.settings(f"sources:\n  {line}\n")
    with parsed(made.folder / "data" / "dbt" / "target"):
        done = made.run("build", "--date", DAY, "--select", "stg_hubspot__deals")
    assert done.returncode != 0
    assert message in done.stderr + done.stdout
