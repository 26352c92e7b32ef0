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
        as_of
    from {{ ref('int_post_metrics__totalled') }}

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
        posts.published_at,
        {{ business_day('posts.published_at') }} as published_on
    from int_posts__resolved as posts
    left join int_post_metrics__totalled as totals
        on
            posts.system = totals.system
            and posts.platform = totals.platform
            and posts.post_id = totals.post_id

)

select * from final
order by system, platform, post_id
