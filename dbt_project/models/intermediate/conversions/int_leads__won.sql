with

int_leads__unioned as (

    select
        system,
        lead_id,
        deal_id
    from {{ ref('int_leads__unioned') }}

),

int_deals__unioned as (

    select
        system,
        deal_id,
        lead_id
    from {{ ref('int_deals__unioned') }}
    where won

),

final as (

    select
        int_leads__unioned.system,
        int_leads__unioned.lead_id
    from int_leads__unioned
    inner join int_deals__unioned
        on
            int_leads__unioned.system = int_deals__unioned.system
            and int_leads__unioned.deal_id = int_deals__unioned.deal_id

    union distinct

    select
        int_leads__unioned.system,
        int_leads__unioned.lead_id
    from int_leads__unioned
    inner join int_deals__unioned
        on
            int_leads__unioned.system = int_deals__unioned.system
            and int_leads__unioned.lead_id = int_deals__unioned.lead_id

)

select * from final
