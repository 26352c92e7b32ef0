{#- LinkedIn pages as Airbyte loads them: source-linkedin-pages 1.x, typed tables.
    Source: Airbyte's page of the connector and its manifest; read November 2026. The connector knows
    one page a connection and no posts: only followers are mapped. total_follower_count names no
    page; it is the one of organization_lookup. Days are appended again at each sync. -#}
{% macro airbyte_linkedin__follower_totals(at) %}
select
    {{ dbt.concat(["'urn:li:organization:'", 'pages.page_id']) }} as account,
    cast(totals._fetched_at as date) as read_on,
    totals.followers,
    totals._fetched_at
from ({{ foreign_rows(at, 'total_follower_count', ['cast(_airbyte_extracted_at as date)'], {
    'followers': 'firstDegreeSize bigint'
}) }}) as totals
cross join (
    select
        max(cast(page_number as {{ dbt.type_string() }})) as page_id
    from ({{ foreign_rows(at, 'organization_lookup', ['id'], {'page_number': 'id bigint'}) }})
        as organizations
) as pages
{% endmacro %}

{% macro airbyte_linkedin__follower_gains(at) %}
{{ foreign_rows(at, 'follower_statistics_time_bound', ['organizationalEntity', 'timeRangeStart'], {
    'account': 'organizationalEntity text', 'day_start_ms': 'timeRangeStart bigint',
    'organic_gain': 'followerGains.organicFollowerGain bigint',
    'paid_gain': 'followerGains.paidFollowerGain bigint'
}) }}
{% endmacro %}
