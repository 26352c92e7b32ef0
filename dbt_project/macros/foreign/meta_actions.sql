{#- Actions that Meta claims, one row per ad, day, platform that showed it, action type and attribution
    window, from wide rows (ad_id, metric_date, publisher_platform, action_type, in_{window}…) of counts
    and of values. Rows of one type differ in where the action happened (breakdowns): they are summed.
    `default` is the window that the ad set is optimised for. -#}
{% macro meta_action_windows(counts, values, windows) %}
select
    ad_id,
    metric_date,
    publisher_platform,
    action_type,
    attribution_window,
    sum(claimed) as claimed,
    cast(sum(claimed_value) as {{ entity_type('money') }}) as claimed_value,
    max(_fetched_at) as _fetched_at
from (
    {%- for actions, measure in [(counts, 'claimed'), (values, 'claimed_value')] %}
    {%- set outer_last = loop.last %}
    {%- for window in windows %}
    select
        ad_id,
        metric_date,
        publisher_platform,
        action_type,
        '{{ window }}' as attribution_window,
        {{ 'in_' ~ window if measure == 'claimed' else 'cast(null as double)' }} as claimed,
        {{ 'in_' ~ window if measure == 'claimed_value' else 'cast(null as double)' }}
            as claimed_value,
        _fetched_at
    from ({{ actions }}) as actions
    {{ 'union all' if not (loop.last and outer_last) }}
    {%- endfor %}
    {%- endfor %}
) as claims
group by ad_id, metric_date, publisher_platform, action_type, attribution_window
having sum(claimed) is not null
{% endmacro %}

{#- Windows that are asked for: what Airbyte asks for is what we ask for. -#}
{% macro meta_windows() -%}
    {{ return(['default', '1d_click', '7d_click', '28d_click', '1d_view']) }}
{%- endmacro %}

{#- Wide rows for meta_action_windows from `days`, whose column `listed` is Meta's JSON list. -#}
{% macro meta_actions_listed(days) %}
select
    ad_id,
    metric_date,
    publisher_platform,
    json_extract_string(action, '$.action_type') as action_type,
    {%- for window in meta_windows() %}
    cast(json_extract_string(action, '$."{{ 'value' if window == 'default' else window }}"') as double)
        as in_{{ window }},
    {%- endfor %}
    _fetched_at
from (
    select
        ad_id,
        metric_date,
        publisher_platform,
        _fetched_at,
        {{ foreign_unnest("from_json(listed, '[\"json\"]')") }} as action
    from ({{ days }}) as days
) as listed
{% endmacro %}

{#- The claims within our own raw table of days: they come and go with their day. -#}
{% macro meta_actions_of(days) %}
{%- set lists = [] -%}
{%- for column in ['actions', 'action_values'] -%}
    {%- do lists.append(meta_actions_listed(
        'select ad_id, metric_date, publisher_platform, ' ~ column ~ ' as listed, _fetched_at from '
        ~ days
    )) -%}
{%- endfor -%}
{{ meta_action_windows(lists[0], lists[1], meta_windows()) }}
{% endmacro %}
