-- utm_campaign is tried before campaign; the first campaign by name wins an equal claim.
with

int_campaigns__declared as (

    select
        campaign,
        campaign_key,
        utm_campaign_key
    from {{ ref('int_campaigns__declared') }}

),

names as (

    select
        utm_campaign_key as name_key,
        campaign,
        1 as attempt
    from int_campaigns__declared
    where utm_campaign_key is not null

    union all

    select
        campaign_key as name_key,
        campaign,
        2 as attempt
    from int_campaigns__declared

),

numbered as (

    select
        name_key,
        campaign,
        row_number() over (partition by name_key order by attempt, campaign) as first_match
    from names

),

final as (

    select
        name_key,
        campaign
    from numbered
    where first_match = 1

)

select * from final
