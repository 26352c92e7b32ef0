{{ config(materialized='table') }}
{%- set bases = engagement_bases() -%}
with

int_campaigns__engaged_days as (

    select
        campaign,
        base_number,
        base_count,
        base_engagements
    from {{ ref('int_campaigns__engaged_days') }}

),

summed as (

    select
        campaign,
        base_number,
        cast(sum(base_count) as double) as base_count,
        cast(sum(base_engagements) as double) as base_engagements,
        cast(sum(sum(base_engagements)) over (partition by campaign) as double) as all_engagements
    from int_campaigns__engaged_days
    group by campaign, base_number

),

-- Measures are never added up: the one that saw most of the engagement speaks for the campaign.
ranked as (
    select
        summed.*,
        row_number() over (
            partition by campaign
            order by base_engagements desc, base_number asc
        ) as most_first
    from summed
    where base_number > 0 and base_count > 0
),

final as (
    select
        campaign,
        case base_number
            {%- for base in bases %}
            when {{ loop.index }} then '{{ base }}'
            {%- endfor %}
        end as rated_by,
        base_count,
        base_engagements
    from ranked
    where most_first = 1 and 2 * base_engagements >= all_engagements
)

select * from final
