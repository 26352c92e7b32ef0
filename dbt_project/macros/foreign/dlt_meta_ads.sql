{#- Meta Ads as dlt loads them: verified source `facebook_ads`, facebook_insights_source, default
    naming. Source: dlt's page of the source and its code; read November 2026. Actions are child
    tables by _dlt_parent_id; 7d_click is the column _7d_click. Add account_currency, campaign_name
    and inline_link_clicks to `fields`: without the last, clicks on links are the action link_click,
    without the first, write `constants: {currency: EUR}` under meta_ads in sources.yml. -#}
{% macro dlt_meta_ads__ad_days(at) %}
select
    days.ad_id,
    days.account_id,
    days.metric_date,
    days.publisher_platform,
    days.campaign_id,
    days.campaign_name,
    days.ad_set_id,
    days.ad_set_name,
    days.currency,
    days.impressions,
    coalesce(days.link_clicks, clicks.link_clicks) as link_clicks,
    days.all_clicks,
    days.spend,
    days._fetched_at
from ({{ foreign_rows(at, 'facebook_insights', ['ad_id', 'date_start'], {
    'row_id': '_dlt_id text', 'ad_id': 'ad_id text', 'account_id': 'account_id text',
    'metric_date': 'date_start date', 'publisher_platform': 'publisher_platform text',
    'campaign_id': 'campaign_id text', 'campaign_name': 'campaign_name text',
    'ad_set_id': 'adset_id text', 'ad_set_name': 'adset_name text',
    'currency': 'account_currency text', 'impressions': 'impressions bigint',
    'link_clicks': 'inline_link_clicks bigint', 'all_clicks': 'clicks bigint',
    'spend': 'spend money'
}) }}) as days
left join (
    select
        parent,
        cast(sum(value) as {{ dbt.type_bigint() }}) as link_clicks
    from ({{ foreign_rows(at, 'facebook_insights__actions', ['_dlt_id'], {
        'parent': '_dlt_parent_id text', 'action_type': 'action_type text', 'value': 'value double'
    }, optional=true) }}) as actions
    where action_type = 'link_click'
    group by parent
) as clicks on days.row_id = clicks.parent
{% endmacro %}

{% macro dlt_meta_ads__ad_actions(at) %}
{%- set windows = {
    'default': 'value', '1d_click': '_1d_click', '7d_click': '_7d_click',
    '28d_click': '_28d_click', '1d_view': '_1d_view'
} -%}
{{ meta_action_windows(
    dlt_meta_ads_listed(at, 'actions', windows),
    dlt_meta_ads_listed(at, 'action_values', windows),
    windows
) }}
{% endmacro %}

{% macro dlt_meta_ads_listed(at, name, windows) %}
{%- set columns = {'parent': '_dlt_parent_id text', 'action_type': 'action_type text'} -%}
{%- for window, column in windows.items() %}
    {%- do columns.update({'in_' ~ window: column ~ ' double'}) -%}
{%- endfor -%}
select
    days.ad_id,
    days.metric_date,
    days.publisher_platform,
    actions.action_type,
    {%- for window in windows %}
    actions.in_{{ window }},
    {%- endfor %}
    days._fetched_at
from ({{ foreign_rows(at, 'facebook_insights', ['ad_id', 'date_start'], {
    'row_id': '_dlt_id text', 'ad_id': 'ad_id text', 'metric_date': 'date_start date',
    'publisher_platform': 'publisher_platform text'
}) }}) as days
inner join ({{ foreign_rows(at, 'facebook_insights__' ~ name, ['_dlt_id'], columns, optional=true) }})
    as actions on days.row_id = actions.parent
{% endmacro %}
