{{ config(materialized='table') }}
{%- set place = ['campaign', 'audience', 'message', 'channel_kind', 'campaign_goal'] -%}
-- A post that belongs elsewhere than before is changed from its first day on; a new one from the
-- first day that it was read for.
with

int_posts__renewed as (

    select
        {{ post_key() | join(',\n        ') }},
        since
    from {{ ref('int_posts__renewed') }}

),

placed as (

    select
        {{ (post_key() + place) | join(',\n        ') }}
    from {{ ref('int_posts__resolved') }}
    {{ narrowed('int_posts__resolved', 'int_posts__resolved') }}

),

moved as (

    {% if all_anew() -%}
    select *
    from placed
    where 1 = 0
    {%- else -%}
    select placed.*
    from placed
    inner join {{ as_kept('fct_posts', 'marts') }} as before
        on {{ same('placed', 'before', post_key()) }}
    where
        {%- for column in place %}
        {{ 'or ' if not loop.first }}placed.{{ column }} is distinct from before.{{ column }}
        {%- endfor %}
    {%- endif %}

),

changed as (

    select
        {{ post_key() | join(',\n        ') }},
        since,
        0 as is_moved
    from int_posts__renewed
    where since is not null

    union all

    select
        {{ post_key() | join(',\n        ') }},
        cast(null as date) as since,
        1 as is_moved
    from moved

),

final as (

    select
        {%- for column in post_key() %}
        changed.{{ column }},
        {%- endfor %}
        min(coalesce(changed.since, totals.read_since, cast('0001-01-01' as date))) as since,
        max(changed.is_moved) = 1 as has_moved,
        coalesce(max(totals.basis) = 'lifetime', false) as has_readings,
        max(totals.read_since) as read_since
    from changed
    left join {{ ref('int_post_metrics__totalled') }} as totals
        on {{ same('changed', 'totals', post_key()) }}
    group by changed.{{ post_key() | join(', changed.') }}

)

select * from final
