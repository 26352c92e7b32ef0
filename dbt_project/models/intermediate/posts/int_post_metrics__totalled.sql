{{ config(materialized=kept_table()) }}
{%- set measures = post_measures() -%}
-- The newest lifetime reading of a post, else the sum of its days.
with

int_post_metrics__unioned as (

    select
        {{ entity_select('post_metrics') }},
        as_of as first_on
    from {{ ref('int_post_metrics__unioned') }}
    {{ of_resummed_posts('int_post_metrics__unioned') }}

),

readings as (

    select
        {{ entity_select('post_metrics') }},
        row_number() over (
            partition by system, platform, post_id
            order by as_of desc
        ) as newest_first,
        min(as_of) over (partition by system, platform, post_id) as first_on
    from int_post_metrics__unioned
    where basis = 'lifetime'

),

newest as (

    select
        {{ entity_select('post_metrics') }},
        first_on
    from readings
    where newest_first = 1

),

summed as (

    -- NULL as long as no day has a number; reach is never summed
    select
        system,
        platform,
        post_id,
        {%- for measure in measures if measure != 'reach' %}
        cast(sum({{ measure }}) as {{ dbt.type_bigint() }}) as {{ measure }},
        {%- endfor %}
        max(as_of) as as_of,
        min(first_on) as first_on
    from int_post_metrics__unioned
    where basis = 'daily'
    group by system, platform, post_id

),

final as (

    select
        newest.system,
        newest.platform,
        newest.post_id,
        newest.basis,
        {%- for measure in measures %}
        newest.{{ measure }},
        {%- endfor %}
        newest.as_of,
        newest.first_on,
        least(newest.first_on, coalesce(summed.first_on, newest.first_on)) as read_since
    from newest
    left join summed
        on {{ same('newest', 'summed', post_key()) }}

    union all

    select
        summed.system,
        summed.platform,
        summed.post_id,
        'daily' as basis,
        {%- for measure in measures %}
        {%- if measure == 'reach' %}
        cast(null as {{ dbt.type_bigint() }}) as reach,
        {%- else %}
        summed.{{ measure }},
        {%- endif %}
        {%- endfor %}
        summed.as_of,
        summed.first_on,
        summed.first_on as read_since
    from summed
    left join newest
        on {{ same('summed', 'newest', post_key()) }}
    where newest.post_id is null

)

select * from final
