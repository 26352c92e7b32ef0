-- Fails with each conversion whose credits do not sum to 1, each kind, platform and campaign whose
-- last-touch credit is not the measure that the KPIs count, and each kind that the Markov totals
-- do not sum up to.
{%- set models = ['first', 'last', 'linear', 'position', 'time_decay', 'markov'] %}
{%- set measures = {
    'application': 'applications', 'lead': 'leads', 'deal': 'won_deals', 'order': 'orders',
    'support_request': 'support_requests'
} %}
with

credited as (

    select
        conversion_kind,
        system,
        {%- for model in models %}
        sum(credit_{{ model }}) as credit_{{ model }},
        {%- endfor %}
        conversion_id
    from {{ ref('fct_attributed_conversions') }}
    {{ narrowed('fct_attributed_conversions', 'fct_attributed_conversions') }}
    group by conversion_kind, system, conversion_id

),

sides as (

    select
        conversion_kind,
        platform,
        campaign,
        credit_last as credit,
        0e0 as counted
    from {{ ref('fct_attributed_conversions') }}

    {%- for kind, measure in measures.items() %}

    union all

    select
        '{{ kind }}' as conversion_kind,
        platform,
        campaign,
        0e0 as credit,
        cast(value as double) as counted
    from {{ ref('metric_days') }}
    where measure = '{{ measure }}'
    {%- endfor %}

),

totals as (

    select
        conversion_kind,
        sum(case when model = 'markov' then conversions else 0e0 end) as credit,
        sum(case when model = 'last' then conversions else 0e0 end) as counted
    from {{ ref('kpi_attribution') }}
    group by conversion_kind

),

final as (

    select
        conversion_kind,
        system as part,
        conversion_id as detail,
        credit_markov as credit,
        1e0 as counted
    from credited
    where
        1 = 0
        {%- for model in models %}
        or abs(credit_{{ model }} - 1) > 1e-9
        {%- endfor %}

    union all

    select
        conversion_kind,
        platform as part,
        campaign as detail,
        sum(credit) as credit,
        sum(counted) as counted
    from sides
    group by conversion_kind, platform, campaign
    having abs(sum(credit) - sum(counted)) > 1e-9

    union all

    select
        conversion_kind,
        'markov' as part,
        'total' as detail,
        credit,
        counted
    from totals
    where abs(credit - counted) > 1e-9 * counted

)

select * from final
