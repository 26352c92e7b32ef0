with

int_deals__unioned as (

    select
        system,
        deal_id,
        lead_id
    from {{ ref('int_deals__unioned') }}

),

int_leads__unioned as (

    select
        system,
        lead_id,
        deal_id,
        created_at
    from {{ ref('int_leads__unioned') }}

),

links as (

    select
        int_deals__unioned.system,
        int_deals__unioned.deal_id,
        int_leads__unioned.lead_id,
        int_leads__unioned.created_at,
        1 as attempt
    from int_deals__unioned
    inner join int_leads__unioned
        on
            int_deals__unioned.system = int_leads__unioned.system
            and int_deals__unioned.lead_id = int_leads__unioned.lead_id

    union all

    select
        int_deals__unioned.system,
        int_deals__unioned.deal_id,
        int_leads__unioned.lead_id,
        int_leads__unioned.created_at,
        2 as attempt
    from int_deals__unioned
    inner join int_leads__unioned
        on
            int_deals__unioned.system = int_leads__unioned.system
            and int_deals__unioned.deal_id = int_leads__unioned.deal_id

),

numbered as (

    select
        system,
        deal_id,
        lead_id,
        row_number() over (
            partition by system, deal_id
            order by attempt, created_at, lead_id
        ) as first_link
    from links

),

final as (

    -- The lead that the deal names, else the earliest of the leads that name the deal.
    select
        system,
        deal_id,
        lead_id
    from numbered
    where first_link = 1

)

select * from final
