"""A small company whose claims, tags and layers the tests look at; two nights, built once."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from tests.company import Company

LINK = "https://jobs.example.org/?utm_source=linkedin&utm_campaign="
CAMPAIGNS = """
    campaign,goal,department,platform,audience,message,utm_campaign
    Nurses spring,recruiting,HR,linkedin,nurses,team,nurses_spring
    Quiet push,recruiting,HR,linkedin,,,quiet_push
    Fresh push,recruiting,HR,linkedin,,,fresh_push
    Help line,support,Support,facebook,,,help_line
"""
OWNERS = """
    kpi,source,department,contact_name,contact,valid_from,valid_to
    click_to_application_rate,,Marketing,Marketing desk,marketing@acme.example,2026-01-01,
    hires,,HR,HR desk,hr@acme.example,2026-01-01,
"""
ADS = """
    platform,ad_id,date,campaign,impressions,clicks,spend,currency,leads,conversions
    linkedin,ad-1,2026-03-05,nurses_spring,5000,50,450.00,EUR,20,6
    linkedin,ad-1,2026-03-06,nurses_spring,4000,40,50.00,EUR,0,
    LinkedIn,ad-2,2026-03-05,nurses_spring,1000,10,10.00,EUR,2,
    linkedin,ad-2,2026-03-05,nurses_spring,1000,10,10.00,EUR,3,
    linkedin,ad-3,2026-05-01,quiet_push,900,9,100.00,EUR,5,1
    linkedin,ad-4,2026-05-25,fresh_push,900,9,50.00,EUR,,
    linkedin,ad-5,2026-05-02,,300,3,30.00,EUR,,
    linkedin,ad-5,2026-05-03,,200,2,20.00,EUR,,
    linkedin,ad-6,2026-04-01,nurses_sprnig,100,1,5.00,EUR,,
    facebook,ad-7,2026-03-02,help_line,100,9,10.00,EUR,1,3
"""
APPLICATIONS = """
    application_id,applied_at,person,utm_source,utm_campaign,qualified
    a1,2026-03-05T10:00:00+01:00,p1@example.org,linkedin,nurses_spring,true
    a2,2026-03-05T11:00:00+01:00,p2@example.org,linkedin,nurses_spring,{a2}
    a3,2026-03-06T10:00:00+01:00,p3@example.org,linkedin,nurses_spring,true
    a4,2026-03-07T10:00:00+01:00,p4@example.org,linkedin,,false
    a5,2026-03-08T10:00:00+01:00,p5@example.org,linkedin,spring_fair,false
    a6,some day,p6@example.org,linkedin,nurses_spring,false
    a1,2026-03-05T10:00:00+01:00,p1@example.org,linkedin,nurses_spring,true
"""
ORDERS = """
    order_id,ordered_at,amount,currency,status
    o1,2026-03-05T10:00:00+01:00,100.00,EUR,paid
    o2,2026-03-05T10:00:00+01:00,7.00,EUR,test
    o3,2026-03-05T23:30:00+00:00,20.00,USD,paid
"""
DEALS = """
    deal_id,created_at,won,closed_at,amount,currency
    d1,2026-03-01T10:00:00+01:00,true,2026-03-09T10:00:00+01:00,500.00,EUR
    d2,2026-03-01T10:00:00+01:00,,,300.00,EUR
"""
POSTS = f"""
    platform,post_id,published_at,type,url
    LinkedIn,post-1,2026-03-01T08:00:00+01:00,image,{LINK}nurses_spring
"""
POST_METRICS = """
    platform,post_id,as_of,basis,impressions,likes,comments,shares,clicks
    linkedin,post-1,2026-03-10,lifetime,9000,150,30,5,200
    linkedin,post-1,2026-03-20,lifetime,9000,140,30,5,200
    linkedin,post-1,2026-03-31,lifetime,12000,200,50,8,250
    linkedin,post-2,2026-03-10,daily,100,7,0,0,1
    linkedin,post-2,2026-03-10,lifetime,900,70,0,0,10
    linkedin,post-2,2026-03-12,lifetime,950,75,0,0,11
"""
COSTS = """
    cost_id,date,until,department,platform,campaign,category,amount,currency
    c1,2026-03-01,2026-03-31,hr,linkedin,Nurses spring,design,1000.00,EUR
    c2,2026-03-15,,canteen,,,lunch,50.00,EUR
"""
FILES = {
    "ad_performance": ADS,
    "applications": APPLICATIONS,
    "orders": ORDERS,
    "deals": DEALS,
    "posts": POSTS,
    "post_metrics": POST_METRICS,
    "costs": COSTS,
}


def audited(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Return the company after its nights. Test processes that run side by side share one."""
    shared = tmp_path_factory.getbasetemp()
    if shared.name.startswith("popen-"):
        shared = shared.parent
    company = Company(shared / "audited")
    company.folder.mkdir(exist_ok=True)
    with (shared / "audited.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (company.folder / "data" / "published").exists():
            _live(company)
    return company


def _live(company: Company) -> None:
    lines = "".join(f"    {entity}: [{{files: exports/{entity}.csv}}]\n" for entity in FILES)
    company.settings("reject_limit: 0.5\nsources:\n  file_drop:\n" + lines)
    company.write("company/campaigns.csv", CAMPAIGNS)
    company.write("company/kpi_owners.csv", OWNERS)
    for entity, text in FILES.items():
        company.write(f"exports/{entity}.csv", text.format(a2="false"))
    for step in (("extract", "file_drop", "--until", "2026-05-30"), ("load",)):
        done = company.run(*step)
        assert done.returncode == 0, done.stdout + done.stderr
    company.write("exports/applications.csv", APPLICATIONS.format(a2="true"))
    night = company.night("2026-05-31")
    assert night.returncode == 0, night.stdout + night.stderr


def warehouse(company: Company) -> Path:
    return company.folder / "data" / "warehouse.duckdb"
