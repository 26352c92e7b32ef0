{{ config(materialized=kept_table()) }}
{{- after('int_posts__changed') -}}
{%- set measures = post_measures() -%}
with

int_posts__resolved as (

    select
        system,
        platform,
        post_id,
        account_id,
        published_at,
        type,
        text,
        url,
        campaign,
        audience,
        message,
        channel_kind,
        campaign_goal
    from {{ ref('int_posts__resolved') }}
    {{ narrowed('fct_posts', 'int_posts__resolved') }}

),

int_post_metrics__totalled as (

    select
        system,
        platform,
        post_id,
        basis,
        {%- for measure in measures %}
        {{ measure }},
        {%- endfor %}
        as_of,
        first_on
    from {{ ref('int_post_metrics__totalled') }}
    {{ narrowed('fct_posts', 'int_post_metrics__totalled') }}

),

metric_definitions as (

    select
        platform,
        measure,
        valid_from
    from {{ ref('metric_definitions') }}
    where
        entity = 'post_metrics'
        and additivity = 'additive'
        and valid_from is not null

),

spanned as (

    -- a lifetime total counts from publication, a sum of days from the first of them
    select
        totals.*,
        case
            when
                totals.basis = 'lifetime'
                and {{ business_day('posts.published_at') }} < totals.first_on
                then {{ business_day('posts.published_at') }}
            else totals.first_on
        end as counted_from
    from int_post_metrics__totalled as totals
    inner join int_posts__resolved as posts
        on
            totals.system = posts.system
            and totals.platform = posts.platform
            and totals.post_id = posts.post_id

),

broken as (

    select
        spanned.system,
        spanned.platform,
        spanned.post_id,
        max(metric_definitions.valid_from) as break_on
    from spanned
    inner join metric_definitions
        on
            spanned.platform = metric_definitions.platform
            and spanned.counted_from < metric_definitions.valid_from
            and spanned.as_of >= metric_definitions.valid_from
    where
        case metric_definitions.measure
            {%- for measure in measures %}
            when '{{ measure }}' then spanned.{{ measure }}
            {%- endfor %}
        end is not null
    group by spanned.system, spanned.platform, spanned.post_id

),

final as (

    select
        posts.system,
        posts.platform,
        posts.post_id,
        posts.account_id,
        posts.type,
        posts.text,
        posts.url,
        posts.campaign,
        posts.audience,
        posts.message,
        posts.channel_kind,
        posts.campaign_goal,
        {%- for measure in measures %}
        totals.{{ measure }},
        {%- endfor %}
        totals.basis as metrics_basis,
        totals.as_of as metrics_as_of,
        broken.break_on,
        posts.published_at,
        {{ business_day('posts.published_at') }} as published_on
    from int_posts__resolved as posts
    left join int_post_metrics__totalled as totals
        on
            posts.system = totals.system
            and posts.platform = totals.platform
            and posts.post_id = totals.post_id
    left join broken
        on
            posts.system = broken.system
            and posts.platform = broken.platform
            and posts.post_id = broken.post_id

)

select * from final
order by system, platform, post_id
