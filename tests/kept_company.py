"""What a company says on two nights: all that may change what an earlier night has made."""

from __future__ import annotations

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
    instagram,moves,2026-05-29,daily,33,2,
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
    linkedin,counted,2026-06-01,daily,6,,1
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
"""

# the ledger's row of an attempt that is all there is of its stream
LOADED = """
delete from ops.load_ledger where source = '{source}';
insert into ops.load_ledger by name
select '{source}' as source, '{stream}' as stream, '{attempt}' as attempt, 'loaded' as status,
    count(*) as rows_landed, count(*) as rows_written, 0 as rows_rejected, 0 as rows_replaced,
    timestamptz '2026-06-08 20:00Z' as fetched_at, now() as loaded_at,
    date '2026-06-08' as window_first, date '2026-06-08' as window_last
from raw.{source}__{stream};
"""
# an order of the shop that stays, one that was changed and one that is no longer there at all
SHOP = "('left', 10), ('told', 20), ('gone', 30)"
SHOP_LATER = "('left', 10), ('told', 25)"
SOLD = """
delete from raw.shopify__orders;
insert into raw.shopify__orders by name
select order_id, current_total, 'EUR' as currency, 'paid' as financial_status,
    timestamptz '2026-06-05 08:00Z' as created_at, timestamptz '2026-06-08 20:00Z' as _fetched_at,
    '{attempt}' as _attempt
from (values {orders}) as told(order_id, current_total);
"""
# `late` comes before a-met and after a-early, `later` after both; `moves` goes from one person to
# another; `shifts` was later than a-shift, which had it; `told` names another platform
TOUCHPOINTS = """
    touch_id,person,touched_at,platform,campaign,kind
    early,met@x.example,2026-05-10T08:00:00Z,instagram,Spring,click
    moves,one@x.example,2026-06-02T08:00:00Z,instagram,Spring,click
    told,two@x.example,2026-06-01T08:00:00Z,facebook,,click
    same,same@x.example,2026-05-11T08:00:00Z,instagram,Spring,click
    lost,lost@x.example,2026-04-01T08:00:00Z,instagram,Autumn,click
    shifts,shift@x.example,2026-05-28T08:00:00Z,instagram,Spring,click
"""
TOUCHPOINTS_LATER = """
    touch_id,person,touched_at,platform,campaign,kind
    late,met@x.example,2026-06-01T08:00:00Z,linkedin,,click
    later,met@x.example,2026-06-08T08:00:00Z,linkedin,,click
    shifts,shift@x.example,2026-06-07T08:00:00Z,instagram,Spring,click
    moves,two@x.example,2026-06-02T08:00:00Z,instagram,Spring,click
    told,two@x.example,2026-06-01T08:00:00Z,youtube,,click
    new,same@x.example,2026-06-10T08:00:00Z,linkedin,,click
"""
# a-year is what a-after is compared with, a-told the day before a-next; a-ripe has been there for a
# fortnight on the second night
APPLICATIONS = """
    application_id,applied_at,person,source,utm_campaign,qualified,hired,hired_at
    a-same,2026-05-12T08:00:00Z,same@x.example,,,true,false,
    a-told,2026-05-20T08:00:00Z,told@x.example,Referral,,true,,
    a-next,2026-05-21T08:00:00Z,next@x.example,Referral,,true,,
    a-early,2026-05-15T08:00:00Z,met@x.example,,,,,
    a-met,2026-06-05T08:00:00Z,met@x.example,,,true,,
    a-moved,2026-06-06T08:00:00Z,one@x.example,,,,,
    a-ripe,2026-05-27T08:00:00Z,ripe@x.example,Referral,,true,,
    a-shift,2026-06-01T08:00:00Z,shift@x.example,,,true,,
    a-year,2025-05-14T08:00:00Z,year@x.example,Referral,,,,
    a-after,2026-05-13T08:00:00Z,after@x.example,Referral,,true,,
"""
APPLICATIONS_LATER = """
    application_id,applied_at,person,source,utm_campaign,qualified,hired,hired_at
    a-told,2026-05-20T08:00:00Z,told@x.example,Referral,,true,true,2026-06-10T08:00:00Z
    a-moved,2026-06-06T08:00:00Z,met@x.example,,,,,
    a-year,2025-05-14T08:00:00Z,year@x.example,Referral,,true,,
    a-new,2026-06-10T09:00:00Z,same@x.example,,,true,,
"""
# l-won and l-also say nothing new, but their deal is won; l-says changes what d-silent takes from
# it; l-swaps names another deal
LEADS = """
    lead_id,created_at,person,source,utm_campaign,qualified,deal_id
    l-won,2026-05-02T08:00:00Z,won@x.example,,sp,true,d-open
    l-says,2026-05-03T08:00:00Z,says@x.example,,sp,true,
    l-swaps,2026-05-04T08:00:00Z,swaps@x.example,,au,,d-left
    l-same,2026-05-05T08:00:00Z,two@x.example,,,,
    l-also,2026-05-06T08:00:00Z,also@x.example,,sp,true,d-open
"""
LEADS_LATER = """
    lead_id,created_at,person,source,utm_campaign,qualified,deal_id
    l-says,2026-05-03T08:00:00Z,says@x.example,,au,true,
    l-swaps,2026-05-04T08:00:00Z,swaps@x.example,,au,,d-taken
"""
DEALS = """
    deal_id,created_at,lead_id,person,won,closed_at,amount,currency
    d-open,2026-05-20T08:00:00Z,,,false,,500,EUR
    d-silent,2026-05-21T08:00:00Z,l-says,,true,2026-06-05T08:00:00Z,100,EUR
    d-usd,2026-05-22T08:00:00Z,,,true,2026-06-08T08:00:00Z,50,USD
    d-left,2026-05-23T08:00:00Z,,,true,2026-06-06T08:00:00Z,70,EUR
    d-taken,2026-05-24T08:00:00Z,,,true,2026-06-07T08:00:00Z,80,EUR
"""
DEALS_LATER = """
    deal_id,created_at,lead_id,person,won,closed_at,amount,currency
    d-open,2026-05-20T08:00:00Z,,,true,2026-06-10T08:00:00Z,500,EUR
"""
# o-met's person met another platform since; o-usd has a rate of its own day now
ORDERS = """
    order_id,ordered_at,person,utm_campaign,amount,currency,status
    o-same,2026-05-12T09:00:00Z,same@x.example,au,20,EUR,paid
    o-met,2026-06-03T09:00:00Z,two@x.example,,25,EUR,paid
    o-usd,2026-06-08T09:00:00Z,usd@x.example,au,30,USD,paid
    o-void,2026-06-04T09:00:00Z,void@x.example,au,35,EUR,paid
"""
ORDERS_LATER = """
    order_id,ordered_at,person,utm_campaign,amount,currency,status
    o-void,2026-06-04T09:00:00Z,void@x.example,au,35,EUR,cancelled
"""
# orders that leave by their age: what is left of files is compared row by row then
ORDERS_AGED = """
    order_id,ordered_at,person,utm_campaign,amount,currency,status
    o-aged,2026-05-08T10:00:00Z,aged@x.example,au,45,EUR,paid
"""
AGED = """
delete from ops.load_ledger where source = 'file_drop' and attempt in (
    select _attempt from raw.file_drop__orders where order_id = 'o-aged');
delete from raw.file_drop__orders where order_id = 'o-aged';
"""
REQUESTS = """
    request_id,opened_at,person,channel,resolved,resolved_at,satisfaction
    r-same,2026-06-02T08:00:00Z,same@x.example,Email,true,2026-06-02T09:00:00Z,5
    r-told,2026-06-03T08:00:00Z,two@x.example,Instagram DM,false,,
"""
REQUESTS_LATER = """
    request_id,opened_at,person,channel,resolved,resolved_at,satisfaction
    r-told,2026-06-03T08:00:00Z,two@x.example,Instagram DM,true,2026-06-10T08:00:00Z,4
"""
COSTS = """
    cost_id,date,until,department,platform,campaign,category,amount,currency
    c-same,2026-06-01,,HR,instagram,Spring,ad_spend,40,EUR
"""
COSTS_LATER = """
    cost_id,date,until,department,platform,campaign,category,amount,currency
    c-late,2026-05-25,,HR,instagram,Spring,agency,60,EUR
"""
ACCOUNTS = """
    platform,account_id,as_of,followers
    instagram,a,2026-06-01,100
    instagram,a,2026-06-02,{followers}
"""
RATES = "('2026-06-05', 1.1)"
RATES_LATER = "('2026-06-05', 1.1), ('2026-06-08', 1.2)"
FIXED = """
delete from raw.ecb__rates;
insert into raw.ecb__rates by name
select 'USD' as currency, cast(rate_on as date) as rate_on, units_per_euro,
    timestamptz '2026-06-01 16:00Z' as _fetched_at, '{attempt}' as _attempt
from (values {rates}) as told(rate_on, units_per_euro);
"""
