{{ config(materialized=kept_table(), post_hook='{{ become_final(this) }}') }}
{{- after('int_posts__changed') -}}
{%- set measures = post_measures() -%}
with

int_post_metrics__differenced as (

    select
        system,
        platform,
        post_id,
        day,
        basis,
        {%- for measure in measures %}
        {{ measure }},
        {%- endfor %}
        days_since_reading,
        is_restated
    from {{ ref('int_post_metrics__differenced') }}
    {%- if not all_anew() %}
    where {{ of_changed_posts('int_post_metrics__differenced', 'day') }}
    {%- endif %}

),

int_posts__resolved as (

    select
        system,
        platform,
        post_id,
        campaign,
        audience,
        message,
        channel_kind,
        campaign_goal
    from {{ ref('int_posts__resolved') }}

),

stg_ops__run as (

    select business_date
    from {{ ref('stg_ops__run') }}

),

restated_for as (

    -- a reading is not read again; days are, for as long as the source looks back
    select
        source as system,
        basis,
        max(lookback_days) as lookback_days
    from {{ ref('stg_ops__sources') }}
    group by source, basis

),

final as (

    select
        days.system,
        days.platform,
        days.post_id,
        posts.campaign,
        posts.audience,
        posts.message,
        posts.channel_kind,
        posts.campaign_goal,
        {%- for measure in measures %}
        days.{{ measure }},
        {%- endfor %}
        days.basis,
        days.days_since_reading,
        days.is_restated,
        {{ dbt.datediff('days.day', 'stg_ops__run.business_date', 'day') }}
        >= restated_for.lookback_days as is_final,
        days.day
    from int_post_metrics__differenced as days
    inner join int_posts__resolved as posts
        on
            days.system = posts.system
            and days.platform = posts.platform
            and days.post_id = posts.post_id
    cross join stg_ops__run
    left join restated_for
        on
            days.system = restated_for.system
            and days.basis = restated_for.basis

)

select * from final
order by day, system, platform, post_id
