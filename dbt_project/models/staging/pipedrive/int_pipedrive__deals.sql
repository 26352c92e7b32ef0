with

stg_pipedrive__deals as (

    select
        deal_id,
        person_id,
        channel,
        channel_id,
        utm_source,
        utm_medium,
        utm_campaign,
        utm_content,
        status,
        currency,
        amount,
        closed_at,
        created_at
    from {{ ref('stg_pipedrive__deals') }}

),

stg_pipedrive__persons as (

    select
        person_id,
        person
    from {{ ref('stg_pipedrive__persons') }}

),

final as (

    select
        'pipedrive' as system,
        deals.deal_id,
        deals.created_at,
        deals.person_id as lead_id,
        persons.person,
        deals.channel as source,
        deals.utm_source,
        deals.utm_medium,
        case
            when coalesce(deals.utm_source, deals.utm_campaign) is null then deals.channel_id
            else deals.utm_campaign
        end as utm_campaign,
        deals.utm_content,
        deals.status = 'won' as won,
        case when deals.status in ('won', 'lost') then deals.closed_at end as closed_at,
        deals.amount,
        deals.currency,
        cast(null as {{ dbt.type_string() }}) as handed_platform,
        cast(null as {{ dbt.type_string() }}) as handed_campaign
    from stg_pipedrive__deals as deals
    left join stg_pipedrive__persons as persons
        on deals.person_id = persons.person_id

)

select
    {{ entity_select('deals') }}
from final
