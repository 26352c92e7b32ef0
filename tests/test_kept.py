"""A night that keeps rows must leave what one that makes all anew does (decision 0040)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest

from tests.company import Company, parsed

LINK = "https://jobs.example.org/?utm_source=s&utm_campaign="
CAMPAIGNS = """
    campaign,goal,department,platform,audience,message,utm_campaign
    Spring,recruiting,HR,instagram,,,sp
    Autumn,commerce,Shop,instagram,,,au
"""
# moves is counted by day and changes its campaign; grows is read as totals; both has days, too;
# edited says something else in the same place, and nobody measures it; listed comes later
POSTS = f"""
    platform,post_id,published_at,type,url
    instagram,moves,2026-06-01T08:00:00+02:00,image,{LINK}sp
    instagram,grows,2026-06-01T08:00:00+02:00,image,{LINK}sp
    instagram,both,2026-06-01T08:00:00+02:00,image,{LINK}au
    instagram,edited,2026-06-01T08:00:00+02:00,image,{LINK}au
"""
POSTS_LATER = f"""
    platform,post_id,published_at,type,url
    instagram,moves,2026-06-01T08:00:00+02:00,image,{LINK}au
    Instagram,both,2026-06-01T08:00:00+02:00,image,{LINK}au
    instagram,edited,2026-06-01T08:00:00+02:00,video,{LINK}au
    instagram,listed,2026-06-10T08:00:00+02:00,image,{LINK}sp
    linkedin,alone,2026-06-03T08:00:00+02:00,image,{LINK}sp
"""
FIRST = """
    platform,post_id,as_of,basis,impressions,likes,clicks
    instagram,moves,2026-06-02,daily,100,5,1
    instagram,moves,2026-06-03,daily,110,6,
    instagram,moves,2026-06-04,daily,90,4,2
    instagram,grows,2026-06-02,lifetime,50,1,
    instagram,grows,2026-06-05,lifetime,80,4,
    instagram,grows,2026-06-08,lifetime,95,6,
    instagram,both,2026-06-02,daily,10,1,
    instagram,both,2026-06-03,lifetime,20,2,
    instagram,both,2026-06-05,lifetime,35,3,
    linkedin,alone,2026-06-03,daily,7,1,1
    linkedin,counted,2026-05-30,daily,9,1,1
    linkedin,read,2026-05-28,lifetime,40,4,
"""
# a new day, a new post, an old day told anew and a late one; a late reading between two, a total
# that fell, a day between readings, another spelling of other and of the same numbers; posts that
# were read before any other day that is news
SECOND = """
    platform,post_id,as_of,basis,impressions,likes,clicks
    instagram,moves,2026-06-09,daily,70,3,1
    instagram,fresh,2026-06-09,daily,5,,
    instagram,moves,2026-06-03,daily,111,6,4
    linkedin,alone,2026-06-02,daily,3,,
    linkedin,counted,2026-06-09,daily,4,1,
    linkedin,read,2026-06-10,lifetime,70,5,
    instagram,grows,2026-06-06,lifetime,82,4,
    instagram,grows,2026-06-10,lifetime,60,6,
    instagram,both,2026-06-04,daily,4,,
    Instagram,moves,2026-06-04,daily,95,,3
    Instagram,moves,2026-06-02,daily,100,5,1
"""
ADS = """
    platform,ad_id,date,campaign,impressions,clicks,spend,currency
    instagram,a1,2026-05-20,sp,100,{clicks},5,EUR
    instagram,a1,2026-06-04,au,100,7,5,EUR
"""
# what Bluesky says: left stays as it is, told is told anew, and gone is no longer there at all
SKEETS = "('left', 1), ('told', 2), ('gone', 3)"
SKEETS_LATER = "('left', 1), ('told', 5)"
READ = """
delete from raw.bluesky__posts;
insert into raw.bluesky__posts by name
select post_id, 'a' as account_id, post_id as text, likes,
    timestamptz '2026-06-08 08:00Z' as created_at,
    date '2026-06-08' as read_on, timestamptz '2026-06-08 20:00Z' as _fetched_at,
    '{attempt}' as _attempt
from (values {skeets}) as told(post_id, likes);
delete from ops.load_ledger where source = 'bluesky';
insert into ops.load_ledger by name
select 'bluesky' as source, 'posts' as stream, '{attempt}' as attempt, 'loaded' as status,
    count(*) as rows_landed, count(*) as rows_written, 0 as rows_rejected, 0 as rows_replaced,
    timestamptz '2026-06-08 20:00Z' as fetched_at, now() as loaded_at,
    date '2026-06-08' as window_first, date '2026-06-08' as window_last
from raw.bluesky__posts;
"""


def compared(one: Path, other: Path) -> list[tuple[str, int]]:
    """Return the marts that differ, each with the number of rows that only one of both has."""
    with duckdb.connect() as db:
        db.execute(f"attach '{one}' as one (read_only); attach '{other}' as other (read_only)")
        sql = "select table_name from duckdb_tables() where schema_name = 'marts'"
        names = sorted({name for (name,) in db.execute(sql).fetchall()})
        assert len(names) > 30
        apart = []
        for name in names:
            a, b = (f"select * from {side}.marts.{name}" for side in ("one", "other"))
            sql = f"select count(*) from (({a} except all {b}) union all ({b} except all {a}))"
            (count,) = db.execute(sql).fetchall()[0]
            if count:
                apart.append((name, count))
    return apart


def done(ended: subprocess.CompletedProcess[str]) -> None:
    assert ended.returncode == 0, ended.stdout + ended.stderr


def because(company: Company) -> str | None:
    """Return why the last build made all anew."""
    ((why,),) = company.warehouse("select anew_because from ops.build where finished")
    return why  # type: ignore[no-any-return]


def forget(company: Company) -> None:
    """Let the next build make all anew."""
    with duckdb.connect(str(company.folder / "data" / "warehouse.duckdb")) as db:
        db.execute("update ops.build set fingerprint = null")


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Two nights of a company; the second one kept rows."""
    own = Company(tmp_path_factory.mktemp("kept"))
    own.settings("sources: {file_drop: {}, bluesky: {}}\ndrop: exports\n")
    own.write("company/campaigns.csv", CAMPAIGNS)
    for day, metrics, posts, skeets, clicks in (
        ("2026-06-09", FIRST, POSTS, SKEETS, 3),
        ("2026-06-11", SECOND, POSTS_LATER, SKEETS_LATER, 11),
    ):
        own.write(f"exports/post_metrics_{day}.csv", metrics)
        own.write(f"exports/posts_{day}.csv", posts)
        own.write(f"exports/ad_performance_{day}.csv", ADS.format(clicks=clicks))
        with parsed(own.folder / "data" / "dbt" / "target"):
            for source in ("file_drop", "company"):
                done(own.run("extract", source, "--until", day))
            done(own.run("load"))
            with duckdb.connect(str(own.folder / "data" / "warehouse.duckdb")) as db:
                db.execute(READ.format(skeets=skeets, attempt=day))
            done(own.run("build", "--date", day))
        assert (because(own) is None) == (metrics is SECOND)
    return own


def test_kept_rows_are_those_that_would_be_made_anew(company: Company) -> None:
    warehouse = company.folder / "data" / "warehouse.duckdb"
    kept = shutil.copy(warehouse, company.folder / "kept.duckdb")
    renewed = "select count(*) from intermediate.int_posts__renewed"
    assert company.warehouse(f"{renewed} union all {renewed.replace('renewed', 'changed')}") == [
        (11,), (9,)
    ]  # fmt: skip
    forget(company)
    done(company.run("build", "--date", "2026-06-11"))
    assert because(company) == "this build or the one before it is of single models"
    assert compared(Path(kept), warehouse) == []
