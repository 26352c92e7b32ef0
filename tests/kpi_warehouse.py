"""A warehouse whose facts are made by formula, so that the metrics layer is tested alone.

The tables carry the columns that the metrics layer reads; dbt builds only what lies on top of them.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import yaml

PROJECT = Path(__file__).parents[1] / "dbt_project"

# Two platforms are social; c4 is declared nowhere; a fifth of the rows reached no campaign.
DIMENSIONS = """
    case i % 3 when 0 then 'linkedin' when 1 then 'instagram' else 'indeed' end as platform,
    case i % 5 when 4 then 'unassigned' else 'c' || (i % 5) end as campaign,
    'audience ' || (i % 2) as audience,
    'message ' || (i % 4) as message,
    case i % 3 when 2 then 'conventional' else 'social' end as channel_kind,
    case i % 5 when 0 then 'recruiting' when 1 then 'sales' when 2 then 'commerce' end
        as campaign_goal
"""
DAY = "date '2025-11-03' + cast(i % 260 as integer)"

FACTS = {
    "marts.fct_applications": f"""
        select 'file_drop' as system, 'a' || i as application_id, {DIMENSIONS},
            case when i % 11 <> 0 then i % 4 = 0 end as qualified,
            i % 9 = 0 as offered, i % 18 = 0 as hired,
            case when i % 36 = 0 then 86400 * (10 + i % 23) + i end as seconds_to_hire,
            cast({DAY} as timestamp) as applied_at, cast(null as timestamp) as hired_at,
            cast(null as timestamp) as interviewed_at,
            case when i % 7 = 0 then cast({DAY} as timestamp) end as rejected_at,
            {DAY} as applied_on,
            case when i % 9 = 0 then {DAY} + 15 end as offered_on,
            case when i % 18 = 0 then {DAY} + 20 end as hired_on, false as is_duration_negative
        from range(4000) as t(i)
        union all
        select 'file_drop', 'h1', 'by hand', 'by hand', 'a', 'm', 'social', 'recruiting',
            true, true, true, 100, timestamp '2026-01-31 12:00:00', null, null, null,
            date '2026-01-31', date '2026-02-01', date '2026-02-02', false
        union all
        select 'file_drop', 'h2', 'by hand', 'by hand', 'a', 'm', 'social', null,
            null, null, null, null, timestamp '2026-01-31 12:00:00', null, null,
            timestamp '2026-02-20 12:00:00', date '2026-01-31', null, null, false
        union all
        select 'file_drop', 'u1', 'unreported', 'unreported', 'a', 'm', 'social', null,
            null, null, null, null, timestamp '2026-01-31 12:00:00', null, null, null,
            date '2026-01-31', null, null, false""",
    "marts.fct_leads": f"""
        select 'file_drop' as system, 'l' || i as lead_id, cast(null as varchar) as deal_id,
            {DIMENSIONS}, i % 3 = 0 as qualified,
            i % 10 = 0 as has_won_deal, {DAY} as created_on
        from range(1500) as t(i)
        union all
        select 'file_drop', 'u1', null, 'unreported', 'unreported', 'a', 'm', 'social', null,
            null, false, date '2026-01-31'""",
    "marts.fct_deals": f"""
        select 'file_drop' as system, {DIMENSIONS}, i % 2 = 0 as won,
            cast(100 + (i * 37) % 900 + 0.01 * (i % 100) as decimal(18, 4)) as amount,
            {DAY} as created_on, case when i % 3 <> 0 then {DAY} + 9 end as closed_on,
            amount as amount_original
        from range(700) as t(i)""",
    "marts.fct_orders": f"""
        select 'file_drop' as system, {DIMENSIONS}, i % 13 <> 0 as is_order,
            case when i % 4 <> 0 then i % 3 = 0 end as new_customer,
            cast(10 + (i * 7) % 90 + 0.37 as decimal(18, 4)) as amount, {DAY} as ordered_on,
            amount as amount_original
        from range(2500) as t(i)
        union all
        select 'file_drop', 'unreported', 'unreported', 'a', 'm', 'social', null,
            true, null, null, date '2026-01-31', null""",
    "marts.fct_support_requests": f"""
        select 'file_drop' as system, {DIMENSIONS}, i % 8 <> 0 as resolved,
            case when i % 8 <> 0 then 3600 * (1 + i % 50) + i % 60 end as seconds_to_resolution,
            case when i % 5 <> 0 then 60 * (1 + i % 90) end as seconds_to_first_response,
            case when i % 6 = 0 then 1 + i % 5 + 0.5 end as satisfaction,
            i % 97 = 0 as is_duration_negative, {DAY} as opened_on
        from range(3000) as t(i)
        union all
        select 'file_drop', 'unreported', 'unreported', 'a', 'm', 'social', null,
            null, null, null, null, false, date '2026-01-31'""",
    "marts.fct_post_days": f"""
        select 'file_drop' as system, {DIMENSIONS}, 'p' || (i % 40) as post_id, {DAY} as day,
            cast(500 + i % 700 as bigint) as impressions, cast(i % 40 as bigint) as likes,
            cast(i % 7 as bigint) as comments, cast(i % 3 as bigint) as shares,
            cast(null as bigint) as saves, cast(i % 25 as bigint) as clicks,
            cast(null as bigint) as video_views, cast(null as bigint) as views,
            cast(null as bigint) as engaged_views
        from range(3000) as t(i)""",
    "marts.fct_ad_days": f"""
        select 'file_drop' as system, {DIMENSIONS}, 'ad' || (i % 9) as ad_id, {DAY} as day,
            cast(900 + i % 100 as bigint) as impressions, cast(i % 31 as bigint) as clicks,
            cast(5 + (i % 200) * 0.13 as decimal(18, 4)) as spend,
            spend as spend_original
        from range(900) as t(i)""",
    "marts.fct_account_days": f"""
        select 'file_drop' as system, {DIMENSIONS}, 'page' as account_id, {DAY} as day,
            cast(1000 + i as bigint) as followers, cast(i % 5 - 1 as bigint) as followers_gained
        from range(200) as t(i)""",
    "marts.fct_costs": f"""
        select 'file_drop' as system, {DIMENSIONS}, 'k' || i as cost_id, 'media' as category,
            {DAY} as date, cast(null as date) as until, cast(1 as decimal(18, 4)) as amount,
            amount as amount_original
        from range(50) as t(i)""",
    "marts.fct_posts": f"select 'file_drop' as system, {DIMENSIONS} from range(40) as t(i)",
    "marts.fct_touchpoints": f"select 'file_drop' as system, {DIMENSIONS} from range(40) as t(i)",
    "marts.dim_campaigns": """
        select 'c' || i as campaign,
            case i when 0 then 'recruiting' when 1 then 'sales' when 2 then 'commerce' end as goal,
            case when i < 3 then 'hr' end as department,
            case when i < 3 then 'linkedin' else 'unattributed' end as platform,
            'unassigned' as audience, 'unassigned' as message,
            cast(null as date) as starts, cast(null as date) as ends, i < 3 as is_declared
        from range(4) as t(i)""",
    "marts.dim_dates": """
        select cast(d as date) as date_day, isodow(d) <= 5 as is_working_day,
            cast(date_trunc('month', d) as date) as month_start
        from range(date '2024-01-01', date '2029-01-01', interval 1 day) as t(d)""",
    "intermediate.int_costs__unified": f"""
        select {DIMENSIONS}, {DAY} as cost_on, i % 2 = 0 as is_ad_spend,
            i % 5 < 3 as campaign_has_ad_spend,
            case i % 4 when 0 then 'recruiting' when 1 then 'sales' when 2 then 'commerce' end
                as goal,
            cast(1 + (i % 500) * 0.07 as decimal(18, 4)) as amount
        from range(2000) as t(i)""",
    "intermediate.int_clicks__unified": f"""
        select {DIMENSIONS}, {DAY} as clicked_on, cast(i % 30 as bigint) as clicks,
            case i % 5 when 0 then 'recruiting' when 1 then 'sales' when 2 then 'commerce' end
                as goal
        from range(3900) as t(i)""",
    "intermediate.int_revenue__unified": f"""
        select {DIMENSIONS}, {DAY} as revenue_on, i % 5 < 3 as campaign_has_ad_spend,
            cast(20 + (i % 300) * 0.11 as decimal(18, 4)) as amount
        from range(1800) as t(i)""",
    "intermediate.int_deals__lead_linked": """
        select 'file_drop' as system, 'd1' as deal_id, 'l1' as lead_id""",
    "intermediate.int_names__seen": """
        select 'file_drop' as system, 'kununu' as name_key, 'source' as field,
            'application' as record, 3 as row_count""",
    "intermediate.int_names__resolved": """
        select 'file_drop' as system, 'kununu' as name_key,
            cast(null as varchar) as mapped_platform, cast(null as varchar) as mapped_kind,
            'unknown' as channel_kind""",
    "staging.stg_company__kpi_targets": """
        select kpi, slice, slice_value, target, date '2026-01-01' as valid_from,
            cast(null as date) as valid_to
        from (values
            ('hires', cast(null as varchar), cast(null as varchar), 3e0),
            ('qualification_rate', 'platform', 'LinkedIn', 3e-1)
        ) as t(kpi, slice, slice_value, target)""",
    "staging.stg_company__kpi_owners": """
        select 'hires' as kpi, cast(null as varchar) as source, 'HR' as department,
            'Ada' as contact_name, 'ada@example.org' as contact,
            date '2025-01-01' as valid_from, cast(null as date) as valid_to""",
    "staging.stg_company__kpi_reviews": """
        select kpi, campaign, 'message' as lever, 'tried' as decision, review_date,
            review_date + 7 as effective_from, next_review
        from (values
            ('hires', cast(null as varchar), date '2026-06-02', date '2026-07-02'),
            ('orders', 'c2', date '2026-02-02', cast(null as date))
        ) as t(kpi, campaign, review_date, next_review)""",
    "staging.stg_ops__run": """
        select date '2026-07-31' as business_date, 'UTC' as timezone, 'EUR' as currency""",
    "staging.stg_ops__sources": """
        select 'file_drop' as source, 'applications' as stream, cast(null as varchar) as area,
            true as configured""",
    "staging.stg_ops__load_ledger": """
        select 'file_drop' as source, 'applications' as stream, 'x' as attempt, 'a.csv' as file,
            'loaded' as status, cast(null as varchar) as error, cast(null as varchar) as drift,
            cast(4000 as bigint) as rows_landed, cast(0 as bigint) as rows_rejected,
            cast(0 as bigint) as cells_rejected, date '2026-07-31' as window_last,
            timestamp '2026-08-01 02:00:00' as loaded_at""",
}


def write(file: Path) -> None:
    """Write the warehouse: facts by formula and every raw table, empty."""
    with duckdb.connect(str(file)) as db:
        for schema in ("raw", "staging", "intermediate", "marts"):
            db.execute(f"create schema {schema}")
        for table, rows in FACTS.items():
            db.execute(f"create table {table} as {rows}")
        for name in raw_tables():
            db.execute(f'create table raw."{name}" (_line bigint)')


def raw_tables() -> list[str]:
    """Return the names of all raw tables that the project declares."""
    files = [yaml.safe_load(f.read_text("utf-8")) for f in PROJECT.glob("models/**/*sources.yml")]
    sources = [source for file in files for source in file["sources"]]
    names = {table["name"] for one in sources if one["schema"] == "raw" for table in one["tables"]}
    return sorted(names)
