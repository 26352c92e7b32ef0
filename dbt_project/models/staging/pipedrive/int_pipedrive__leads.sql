with

stg_pipedrive__persons as (

    select
        person_id,
        person,
        source,
        utm_source,
        utm_medium,
        utm_campaign,
        utm_content,
        has_qualified_label,
        created_at
    from {{ ref('stg_pipedrive__persons') }}

),

stg_pipedrive__leads as (

    select
        lead_id,
        person_id,
        channel,
        channel_id,
        utm_source,
        utm_medium,
        utm_campaign,
        utm_content,
        has_qualified_label,
        created_at
    from {{ ref('stg_pipedrive__leads') }}

),

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
        created_at
    from {{ ref('stg_pipedrive__deals') }}

),

asked as (

    select
        person_id,
        max(case when has_qualified_label then 1 else 0 end) as qualified
    from stg_pipedrive__leads
    group by person_id

),

bought as (

    select
        person_id,
        min(created_at) as first_deal_at
    from stg_pipedrive__deals
    group by person_id

),

traces as (

    select
        lead_id as record_id,
        person_id,
        channel,
        channel_id,
        utm_source,
        utm_medium,
        utm_campaign,
        utm_content,
        created_at
    from stg_pipedrive__leads

    union all

    select
        deal_id as record_id,
        person_id,
        channel,
        channel_id,
        utm_source,
        utm_medium,
        utm_campaign,
        utm_content,
        created_at
    from stg_pipedrive__deals

),

ranked as (

    -- A lead hands its fields on to the deal that it becomes: the earliest that tells something.
    select
        *,
        row_number() over (
            partition by person_id
            order by created_at, record_id
        ) as number
    from traces
    where coalesce(channel, channel_id, utm_source, utm_campaign) is not null

),

origins as (

    -- What stands at the person, or all that stands at the first lead or deal.
    select
        person_id,
        source,
        utm_source,
        utm_medium,
        utm_campaign,
        utm_content
    from stg_pipedrive__persons
    where coalesce(source, utm_source, utm_campaign) is not null

    union all

    select
        ranked.person_id,
        ranked.channel as source,
        ranked.utm_source,
        ranked.utm_medium,
        case
            when coalesce(ranked.utm_source, ranked.utm_campaign) is null then ranked.channel_id
            else ranked.utm_campaign
        end as utm_campaign,
        ranked.utm_content
    from ranked
    inner join stg_pipedrive__persons as persons
        on ranked.person_id = persons.person_id
    where
        ranked.number = 1
        and coalesce(persons.source, persons.utm_source, persons.utm_campaign) is null

),

final as (

    select
        'pipedrive' as system,
        persons.person_id as lead_id,
        persons.created_at,
        persons.person,
        origins.source,
        origins.utm_source,
        origins.utm_medium,
        origins.utm_campaign,
        origins.utm_content,
        case
            when bought.person_id is not null then true
            when persons.has_qualified_label or asked.qualified = 1 then true
            when persons.has_qualified_label = false or asked.qualified = 0 then false
        end as qualified,
        bought.first_deal_at as qualified_at,
        cast(null as {{ dbt.type_string() }}) as deal_id,
        cast(null as {{ dbt.type_string() }}) as handed_platform,
        cast(null as {{ dbt.type_string() }}) as handed_campaign
    from stg_pipedrive__persons as persons
    left join origins
        on persons.person_id = origins.person_id
    left join asked
        on persons.person_id = asked.person_id
    left join bought
        on persons.person_id = bought.person_id

)

select
    {{ entity_select('leads') }}
from final
