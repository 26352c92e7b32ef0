{{ config(materialized='table') }}
{%- set anew = all_anew() -%}
-- Days that come to a sum of days need no other day; anything else does.
with

int_post_metrics__changed as (

    select
        {{ post_key() | join(',\n        ') }},
        as_of,
        basis = 'daily' and before_as_of is null as is_added
    from {{ ref('int_post_metrics__changed') }}

),

kept as (

    {% if anew -%}
    select
        {{ post_key() | join(',\n        ') }},
        as_of as read_since,
        'daily' as basis
    from int_post_metrics__changed
    where 1 = 0
    {%- else -%}
    select
        {{ post_key() | join(',\n        ') }},
        read_since,
        basis
    from {{ as_kept('int_post_metrics__totalled', 'intermediate') }}
    {%- endif %}

),

final as (

    select
        {%- for column in post_key() %}
        changed.{{ column }},
        {%- endfor %}
        min(least(changed.as_of, coalesce(kept.read_since, changed.as_of))) as since
    from int_post_metrics__changed as changed
    left join kept
        on {{ same('changed', 'kept', post_key()) }}
    group by changed.{{ post_key() | join(', changed.') }}
    having
        max(
            case
                when changed.is_added and coalesce(kept.basis, 'daily') = 'daily' then 0
                else 1
            end
        ) = 1

)

select * from final
