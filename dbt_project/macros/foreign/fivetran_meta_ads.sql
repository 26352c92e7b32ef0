{#- Meta Ads as Fivetran loads them (schema `facebook_ads`).
    Source: Fivetran's page of Facebook Ads (prebuilt report basic_ad), and the columns that its dbt
    package names; read November 2026. clicks are clicks on links; the currency is the account's. -#}
{% macro fivetran_meta_ads__ad_days(at) %}
select
    days.ad_id,
    days.account_id,
    days.metric_date,
    days.publisher_platform,
    ads.campaign_id,
    campaigns.campaign_name,
    cast(null as {{ dbt.type_string() }}) as ad_set_id,
    days.ad_set_name,
    coalesce(days.currency, accounts.currency) as currency,
    days.impressions,
    days.link_clicks,
    days.all_clicks,
    days.spend,
    days._fetched_at
from ({{ foreign_rows(at, 'basic_ad', ['ad_id', 'date'], {
    'ad_id': 'ad_id text', 'account_id': 'account_id text', 'metric_date': 'date date',
    'publisher_platform': 'publisher_platform text', 'ad_set_name': 'adset_name text',
    'currency': 'currency text', 'impressions': 'impressions bigint',
    'link_clicks': 'inline_link_clicks bigint', 'all_clicks': 'clicks bigint',
    'spend': 'spend money'
}) }}) as days
left join ({{ foreign_rows(at, 'account_history', ['id'], {
    'account_id': 'id text', 'currency': 'currency text'
}, optional=true) }}) as accounts on days.account_id = accounts.account_id
left join ({{ foreign_rows(at, 'ad_history', ['id'], {
    'ad_id': 'id text', 'campaign_id': 'campaign_id text'
}, newest_by=['updated_time'], optional=true) }}) as ads on days.ad_id = ads.ad_id
left join ({{ foreign_rows(at, 'campaign_history', ['id'], {
    'campaign_id': 'id text', 'campaign_name': 'name text'
}, newest_by=['updated_time'], optional=true) }}) as campaigns
    on ads.campaign_id = campaigns.campaign_id
{% endmacro %}

{% macro fivetran_meta_ads__ad_actions(at) %}
{%- set windows = {
    'default': 'value', '1d_click': '_1_d_click', '7d_click': '_7_d_click',
    '28d_click': '_28_d_click', '1d_view': '_1_d_view'
} -%}
{%- set columns = {
    'ad_id': 'ad_id text', 'metric_date': 'date date',
    'publisher_platform': 'publisher_platform text', 'action_type': 'action_type text'
} -%}
{%- for window, column in windows.items() %}
    {%- do columns.update({'in_' ~ window: column ~ ' double'}) -%}
{%- endfor -%}
{%- set key = ['ad_id', 'date', 'action_type', 'index'] -%}
{{ meta_action_windows(
    foreign_rows(at, 'basic_ad_actions', key, columns, optional=true),
    foreign_rows(at, 'basic_ad_action_values', key, columns, optional=true),
    windows
) }}
{% endmacro %}
