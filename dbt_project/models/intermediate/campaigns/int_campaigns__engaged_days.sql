{{ config(materialized=kept_table()) }}
{{- after('int_days__changed') -}}
{%- set bases = engagement_bases() -%}
-- Both sides of a rate are of the same days: nothing is rated that nobody counted as shown.
with

fct_post_days as (

    select
        campaign,
        day,
        {%- for base in bases %}
        {{ base }},
        {%- endfor %}
        -- a reaction that a platform does not count adds none to those that it does
        coalesce(likes, 0) + coalesce(comments, 0) + coalesce(shares, 0) as engagements
    from (
        select *
        from {{ ref('fct_post_days') }}
        {{ narrowed('int_campaigns__engaged_days', 'fct_post_days') }}
    ) as days
    where
        campaign <> 'unassigned'
        and (likes is not null or comments is not null or shares is not null)

),

placed as (

    select
        campaign,
        day,
        engagements,
        coalesce({{ bases | join(', ') }}) as shown,
        case
            {%- for base in bases %}
            when {{ base }} is not null then {{ loop.index }}
            {%- endfor %}
            else 0
        end as base_number
    from fct_post_days

),

final as (

    select
        campaign,
        day,
        base_number,
        cast(sum(shown) as {{ dbt.type_bigint() }}) as base_count,
        cast(sum(engagements) as {{ dbt.type_bigint() }}) as base_engagements
    from placed
    group by campaign, day, base_number

)

select * from final
