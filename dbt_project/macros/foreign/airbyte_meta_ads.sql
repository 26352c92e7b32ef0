{#- Meta Ads as Airbyte loads them: source-facebook-marketing, stream ads_insights.
    Source: the connector's JSON schema of the stream, in the repository, and Meta's reference of
    Insights; read November 2026.
    actions and action_values are JSON lists, broken down by type, target and destination; days of
    the last 28 are read again, so an append-only table holds a day many times. -#}
{% macro airbyte_meta_ads__ad_days(at) %}
{{ foreign_rows(at, 'ads_insights', ['ad_id', 'date_start'], {
    'ad_id': 'ad_id text', 'account_id': 'account_id text', 'metric_date': 'date_start date',
    'campaign_name': 'campaign_name text', 'currency': 'account_currency text',
    'impressions': 'impressions bigint', 'link_clicks': 'inline_link_clicks bigint',
    'all_clicks': 'clicks bigint', 'spend': 'spend money'
}) }}
{% endmacro %}

{% macro airbyte_meta_ads__ad_actions(at) %}
{%- set windows = ['default', '1d_click', '7d_click', '28d_click', '1d_view'] -%}
{{ meta_action_windows(
    airbyte_meta_ads_listed(at, 'actions', windows),
    airbyte_meta_ads_listed(at, 'action_values', windows),
    windows
) }}
{% endmacro %}

{% macro airbyte_meta_ads_listed(at, column, windows) %}
select
    ad_id,
    metric_date,
    json_extract_string(action, '$.action_type') as action_type,
    {%- for window in windows %}
    cast(json_extract_string(action, '$."{{ 'value' if window == 'default' else window }}"') as double)
        as in_{{ window }},
    {%- endfor %}
    _fetched_at
from (
    select
        ad_id,
        metric_date,
        _fetched_at,
        {{ foreign_unnest("from_json(listed, '[\"json\"]')") }} as action
    from ({{ foreign_rows(at, 'ads_insights', ['ad_id', 'date_start'], {
        'ad_id': 'ad_id text', 'metric_date': 'date_start date', 'listed': column ~ ' text'
    }) }}) as days
) as listed
{% endmacro %}
