{{ config(materialized='table') }}
{#- What counts how often a post was shown, the first that a post has on a day. Engaged views stand
    before video views: YouTube redefined these twice. -#}
{%- set bases = ['impressions', 'views', 'engaged_views', 'video_views'] -%}

with fct_post_days as (
    select
        campaign,
        {%- for base in bases %}
        {{ base }},
        {%- endfor %}
        -- a reaction that a platform does not count adds none to those that it does
        coalesce(likes, 0) + coalesce(comments, 0) + coalesce(shares, 0) as engagements
    from {{ ref('fct_post_days') }}
    where
        campaign <> 'unassigned'
        and (likes is not null or comments is not null or shares is not null)
),

placed as (
    select
        campaign,
        engagements,
        coalesce({{ bases | join(', ') }}) as shown,
        case
            {%- for base in bases %}
            when {{ base }} is not null then {{ loop.index }}
            {%- endfor %}
        end as base_number
    from fct_post_days
),

-- Both sides of a rate are of the same days: nothing is rated that nobody counted as shown.
summed as (
    select
        campaign,
        base_number,
        cast(sum(shown) as double) as base_count,
        cast(sum(engagements) as double) as base_engagements,
        cast(sum(sum(engagements)) over (partition by campaign) as double) as all_engagements
    from placed
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
    where base_number is not null and base_count > 0
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
