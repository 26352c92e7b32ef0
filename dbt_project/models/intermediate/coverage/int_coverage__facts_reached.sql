{{ config(materialized='table') }}
{#- Facts with an amount: as converted, and beside it as it was. -#}
{%- set amounts = {
    'ad_performance': 'spend', 'deals': 'amount', 'orders': 'amount', 'costs': 'amount'
} -%}

with fact_rows as (
    {%- for entity in covered_entities() if entity.fact %}
    select
        system,
        '{{ entity.department }}' as department,
        '{{ entity.record }}' as record,
        count(*) as row_count,
        sum(case when campaign = 'unassigned' then 0 else 1 end) as campaign_rows,
        sum(
            {% if entity.stream in ('applications', 'support_requests') -%}
            case when is_duration_negative then 1 else 0 end
            {%- else -%}
            0
            {%- endif %}
        ) as negative_durations,
        sum(
            {% if entity.stream in amounts -%}
            {%- set amount = amounts[entity.stream] -%}
            case when {{ amount }} is null and {{ amount }}_original is not null then 1 else 0 end
            {%- else -%}
            0
            {%- endif %}
        ) as amounts_without_rate
    from {{ ref(entity.fact) }}
    group by system
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- A media cost in a month in which the same platform and campaign have ad spend, too.
double_entries as (
    select
        fct_costs.system,
        'cost' as record,
        count(distinct fct_costs.cost_id) as likely_double_entries
    from {{ ref('fct_costs') }} as fct_costs
    inner join {{ ref('fct_ad_days') }} as fct_ad_days
        on
            fct_costs.platform = fct_ad_days.platform
            and fct_costs.campaign = fct_ad_days.campaign
            and cast({{ dbt.date_trunc('month', 'fct_costs.date') }} as date)
            <= cast({{ dbt.date_trunc('month', 'fct_ad_days.day') }} as date)
            and cast(
                {{ dbt.date_trunc('month', 'coalesce(fct_costs.until, fct_costs.date)') }} as date
            )
            >= cast({{ dbt.date_trunc('month', 'fct_ad_days.day') }} as date)
    where
        fct_ad_days.spend > 0
        and fct_costs.campaign <> 'unassigned'
        and lower(trim(fct_costs.category)) in (
            'media', 'media spend', 'ads', 'ad spend', 'advertising'
        )
    group by fct_costs.system
),

-- A file holds one entity: its figures are its own. The streams of an API share those of the facts
-- that they make together (applications, offers and jobs → fct_applications).
final as (
    select
        streams.source,
        streams.stream,
        sum(fact_rows.campaign_rows) * 1e0 / nullif(sum(fact_rows.row_count), 0) as campaign_share,
        cast(sum(fact_rows.negative_durations) as {{ dbt.type_bigint() }}) as negative_durations,
        cast(sum(fact_rows.amounts_without_rate) as {{ dbt.type_bigint() }})
            as amounts_without_rate,
        max(double_entries.likely_double_entries) as likely_double_entries
    from {{ ref('int_coverage__streams') }} as streams
    inner join fact_rows
        on
            streams.source = fact_rows.system
            and streams.department = fact_rows.department
            and (streams.record is null or streams.record = fact_rows.record)
            and (not streams.is_file or streams.record is not null)
    left join double_entries
        on fact_rows.system = double_entries.system and fact_rows.record = double_entries.record
    group by streams.source, streams.stream
)

select * from final
