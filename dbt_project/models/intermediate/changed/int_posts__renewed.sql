{{ config(materialized='table') }}
with

said as (

    select
        {{ post_key() | join(',\n        ') }},
        as_of
    from {{ ref('int_post_metrics__changed') }}

    union all

    select
        {{ post_key() | join(',\n        ') }},
        cast(null as date) as as_of
    from {{ ref('int_posts__relisted') }}

),

final as (

    select
        {{ post_key() | join(',\n        ') }},
        min(as_of) as since
    from said
    group by {{ post_key() | join(', ') }}

)

select * from final
