{#- Meta Ads as Airbyte loads them: source-facebook-marketing, stream ads_insights.
    Source: the connector's JSON schema of the stream, in the repository, and Meta's reference of
    Insights; read November 2026.
    actions and action_values are JSON lists, broken down by type, target and destination; days of
    the last 28 are read again, so an append-only table holds a day many times. -#}
{% macro airbyte_meta_ads__ad_days(at) %}
{{ foreign_rows(at, 'ads_insights', ['ad_id', 'date_start'], {
    'ad_id': 'ad_id text', 'account_id': 'account_id text', 'metric_date': 'date_start date',
    'publisher_platform': 'publisher_platform text', 'campaign_id': 'campaign_id text',
    'campaign_name': 'campaign_name text', 'ad_set_id': 'adset_id text',
    'ad_set_name': 'adset_name text', 'currency': 'account_currency text',
    'impressions': 'impressions bigint', 'link_clicks': 'inline_link_clicks bigint',
    'all_clicks': 'clicks bigint', 'spend': 'spend money'
}) }}
{% endmacro %}

{% macro airbyte_meta_ads__ad_actions(at) %}
{{ meta_action_windows(
    airbyte_meta_ads_listed(at, 'actions'),
    airbyte_meta_ads_listed(at, 'action_values'),
    meta_windows()
) }}
{% endmacro %}

{% macro airbyte_meta_ads_listed(at, column) %}
{{ meta_actions_listed(foreign_rows(at, 'ads_insights', ['ad_id', 'date_start'], {
    'ad_id': 'ad_id text', 'metric_date': 'date_start date',
    'publisher_platform': 'publisher_platform text', 'listed': column ~ ' text'
})) }}
{% endmacro %}
