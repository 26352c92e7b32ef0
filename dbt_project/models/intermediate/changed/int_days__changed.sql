{{ config(materialized='table') }}
{{- after('int_posts__changed') -}}
{%- set anew = all_anew() -%}
{%- set compared = compared_facts() -%}
{{- after_all(['int_conversions__changed', 'int_days__left'] + compared) -}}
{{- after_all(facts_of_conversions() | list) -}}
{%- set columns = ['day'] + kpi_dimensions() + ['measure', 'value'] -%}
-- What is read of posts on a day counts in three places: as raw rows and readings, as days of
-- posts, and as clicks, to which ads add theirs. A conversion counts on the days that it has and
-- those that it had; facts that are made anew each night, where their sums are other than before.
with

int_post_metrics__changed as (

    select as_of as day
    from {{ ref('int_post_metrics__changed') }}

),

read_anew as (

    -- days that were not told anew and yet are other
    select readings.as_of as day
    from {{ ref('int_post_metrics__unioned') }} as readings
    where {{ '1 = 0' if anew else of_changed_posts('readings', 'as_of', untold=true) }}

),

loaded_anew as (

    select cast(as_of as date) as day
    from {{ ref('stg_file_drop__post_metrics') }}
    where
        {% if anew %}1 = 0{% else -%}
        _attempt in (select news.attempt from ops.news as news where news.source = 'file_drop')
        {%- endif %}

),

{% if not anew -%}
summed as (

    {{ metric_days(kpi_dimensions(), only=compared) }}

),

summed_before as (

    select
        {{ columns | join(',\n        ') }}
    from {{ as_kept('metric_days', 'marts') }} as kept
    where measure in ({{ quoted(measures_of(compared)) }})

),

summed_apart as (

    (
        select *
        from summed

        except

        select *
        from summed_before
    )

    union all

    (
        select *
        from summed_before

        except

        select *
        from summed
    )

),

apart as (

    select distinct
        day,
        {{ fact_of_measure('measure') }} as fact
    from summed_apart

),

{% endif -%}
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

    {%- if not anew %}

    union all

    select
        fact,
        day
    from {{ ref('int_days__left') }}

    union all

    {{ days_of_changed_conversions() }}

    union all

    select
        fact,
        day
    from apart

    union all

    select
        'int_clicks__unified' as fact,
        day
    from apart
    where fact = 'fct_ad_days'
    {%- endif %}

),

final as (

    select distinct
        fact,
        day
    from named

)

select * from final
