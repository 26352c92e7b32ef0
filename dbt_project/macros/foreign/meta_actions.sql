{#- Actions that Meta claims, one row per ad, day, action type and attribution window, from wide rows
    (ad_id, metric_date, action_type, in_{window}…) of counts and of values. Rows of one type differ
    in where the action happened (breakdowns): they are summed. `default` is the window that the ad
    set is optimised for. -#}
{% macro meta_action_windows(counts, values, windows) %}
select
    ad_id,
    metric_date,
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
group by ad_id, metric_date, action_type, attribution_window
having sum(claimed) is not null
{% endmacro %}
