with

fct_leads as (

    select
        system,
        lead_id,
        deal_id,
        platform,
        campaign,
        channel_kind,
        qualified,
        has_won_deal,
        created_on
    from {{ ref('fct_leads') }}

),

leads_with_deal as (

    select
        system,
        lead_id
    from {{ ref('int_deals__lead_linked') }}
    group by system, lead_id

),

cohort as (

    select
        cast({{ dbt.date_trunc('month', 'leads.created_on') }} as date) as month,
        leads.platform,
        leads.campaign,
        leads.channel_kind,
        1 as lead,
        cast(leads.qualified as integer) as qualified,
        case
            when leads.has_won_deal or leads.deal_id is not null then 1
            when leads_with_deal.lead_id is not null then 1
            else 0
        end as deal,
        cast(leads.has_won_deal as integer) as won
    from fct_leads as leads
    left join leads_with_deal
        on
            leads.system = leads_with_deal.system
            and leads.lead_id = leads_with_deal.lead_id

),

{{ funnel('cohort', [
    ('lead', none),
    ('qualified', 'qualified_lead_rate'),
    ('deal', 'lead_to_win_rate'),
    ('won', 'lead_to_win_rate'),
]) }}

select * from final
order by month, platform, campaign, channel_kind, stage_number
