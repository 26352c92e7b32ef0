{{ config(materialized=kept_table()) }}
{{- after('int_days__left') -}}
with

int_leads__unioned as (

    select
        {{ entity_select('leads') }}
    from {{ ref('int_leads__unioned') }}
    {{ narrowed('fct_leads', 'int_leads__unioned') }}

),

int_leads__won as (

    select
        system,
        lead_id
    from {{ ref('int_leads__won') }}

),

attributed as (

    {{ answers_of('lead') }}

),

final as (

    -- has_won_deal is false, not NULL, without a won deal: a lead that nobody won counts as lost
    select
        leads.system,
        leads.lead_id,
        leads.person,
        leads.source,
        leads.utm_source,
        leads.utm_medium,
        leads.utm_campaign,
        leads.utm_content,
        leads.deal_id,
        {{ answer_columns() }},
        case
            when leads.qualified is not null then leads.qualified
            when leads.qualified_at is not null then true
        end as qualified,
        int_leads__won.lead_id is not null as has_won_deal,
        leads.created_at,
        leads.qualified_at,
        {{ business_day('leads.created_at') }} as created_on
    from int_leads__unioned as leads
    inner join attributed
        on
            leads.system = attributed.system
            and leads.lead_id = attributed.conversion_id
    left join int_leads__won
        on
            leads.system = int_leads__won.system
            and leads.lead_id = int_leads__won.lead_id

)

select * from final
order by system, lead_id
