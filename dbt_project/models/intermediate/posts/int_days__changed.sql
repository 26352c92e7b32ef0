{{ config(materialized='table') }}
{{- after('int_posts__changed') -}}
{%- set anew = all_anew() -%}
{%- set dimensions = kpi_dimensions() | join(', ') -%}
-- What is read of posts on a day counts in three places: as raw rows and readings, as days of
-- posts, and as clicks, to which ads add theirs.
with

int_post_metrics__changed as (

    select as_of as day
    from {{ ref('int_post_metrics__changed') }}

),

read_anew as (

    select readings.as_of as day
    from {{ ref('int_post_metrics__unioned') }} as readings
    where {{ '1 = 0' if anew else of_changed_posts('readings', 'as_of') }}

),

loaded_anew as (

    select cast(as_of as date) as day
    from {{ ref('stg_file_drop__post_metrics') }}
    where
        {% if anew %}1 = 0{% else -%}
        _attempt in (select news.attempt from ops.news as news where news.source = 'file_drop')
        {%- endif %}

),

ad_clicks as (

    select
        day,
        {{ dimensions }},
        sum(clicks) as clicks
    from {{ ref('fct_ad_days') }}
    where clicks is not null{{ ' and 1 = 0' if anew }}
    group by day, {{ dimensions }}

),

ad_clicks_before as (

    select
        day,
        {{ dimensions }},
        {{ 'clicks' if anew else 'value' }} as clicks
    from {{ 'ad_clicks' if anew else as_kept('metric_days', 'marts') }}
    {%- if not anew %}
    where measure = 'ad_clicks'
    {%- endif %}

),

ad_clicks_apart as (

    (
        select *
        from ad_clicks

        except

        select *
        from ad_clicks_before
    )

    union all

    (
        select *
        from ad_clicks_before

        except

        select *
        from ad_clicks
    )

),

post_days as (

    select day
    from int_post_metrics__changed

    union distinct

    select day
    from read_anew

),

named as (

    select
        facts.fact,
        post_days.day
    from post_days
    cross join {{ words('fact', ['fct_post_days', 'readings', 'int_clicks__unified']) }} as facts

    union all

    select
        'readings' as fact,
        day
    from loaded_anew

    union all

    select
        'int_clicks__unified' as fact,
        day
    from ad_clicks_apart

),

final as (

    select distinct
        fact,
        day
    from named

)

select * from final
