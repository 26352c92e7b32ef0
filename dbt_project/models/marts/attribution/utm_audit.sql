{#- Facts whose rows carry a tag: id of the record, day, whether attribution rules apply. -#}
{%- set facts = [
    ('fct_applications', 'applied_on', true),
    ('fct_leads', 'created_on', true),
    ('fct_deals', 'created_on', true),
    ('fct_orders', 'ordered_on', true),
    ('fct_touchpoints', 'touched_on', false),
    ('fct_posts', 'published_on', false),
    ('fct_ad_days', 'day', false),
    ('int_ga4__sessions', 'day', false),
] -%}
{%- set sentences = {
    'spend_without_tag':
        'Give the ad a link with utm_campaign, or add its id to external_ids in campaigns.csv',
    'tag_without_campaign':
        'Add the campaign to campaigns.csv with this utm_campaign, or correct the link',
    'source_without_campaign':
        'Add utm_campaign to the links that carry this utm_source',
    'campaign_without_tag':
        'Nobody arrived by its tag: open its links and check that utm_campaign is in them and '
        ~ 'survives until the form',
    'campaign_without_outcome':
        'Check first that its links are tagged; if they are, review targeting and message: paid or '
        ~ 'clicked, and nothing reached after the usual time',
} -%}
{%- set source_key = "case when campaign = 'unassigned' then " ~ name_key('utm_source') ~ " end" -%}
{%- set ad_key = "case when campaign = 'unassigned' and spend_original > 0 then ad_id end" -%}
with

kpi_campaigns as (

    select
        campaign,
        goal,
        department,
        platform,
        clicks,
        spend,
        outcomes
    from {{ ref('kpi_campaigns') }}
    where is_declared

),

kpi_definitions as (

    select
        goal,
        maturity_days,
        numerator_measure,
        denominator_measure
    from {{ ref('kpi_definitions') }}
    where is_current

),

goals as (

    select
        goal,
        outcome_measure
    from {{ ref('goals') }}

),

stg_company__kpi_owners as (

    select
        source,
        department,
        contact_name,
        contact,
        valid_from,
        valid_to
    from {{ ref('stg_company__kpi_owners') }}

),

stg_ops__run as (

    select business_date
    from {{ ref('stg_ops__run') }}

),

owners as (

    {{ owners_on_business_date('stg_company__kpi_owners', 'stg_ops__run') }}

),

tagged as (

    -- One row per fact, campaign and what else tells findings apart; no row per record.
    {%- for fact, day, is_conversion in facts %}
    {%- set more = [source_key, 'attribution_rule'] if is_conversion else [] %}
    {%- set keys = ['system', 'platform', 'campaign'] + more
        + ([ad_key] if fact == 'fct_ad_days' else []) %}
    select
        '{{ fact }}' as fact,
        system,
        platform,
        campaign,
        {% if is_conversion -%}
        attribution_rule,
        {{ source_key }} as utm_source_key,
        {%- else -%}
        cast(null as {{ dbt.type_bigint() }}) as attribution_rule,
        cast(null as {{ dbt.type_string() }}) as utm_source_key,
        {%- endif %}
        {% if fact == 'fct_ad_days' -%}
        {{ ad_key }} as ad_id,
        sum(spend) as spend,
        {%- else -%}
        cast(null as {{ dbt.type_string() }}) as ad_id,
        cast(null as decimal(18, 4)) as spend,
        {%- endif %}
        count(*) as row_count,
        min({{ day }}) as first_day,
        max({{ day }}) as last_day
    from {{ ref(fact) }}
    group by {{ keys | join(', ') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

found_in_rows as (

    select
        tagged.*,
        case
            when tagged.ad_id is not null then 'spend_without_tag'
            when tagged.campaign = 'unassigned' and tagged.attribution_rule = 1
                then 'source_without_campaign'
            when
                tagged.campaign <> 'unassigned'
                and kpi_campaigns.campaign is null
                and coalesce(tagged.attribution_rule, 1) = 1
                then 'tag_without_campaign'
        end as problem
    from tagged
    left join kpi_campaigns
        on tagged.campaign = kpi_campaigns.campaign

),

row_findings as (

    select
        problem,
        case problem
            when 'spend_without_tag' then 'ad'
            when 'source_without_campaign' then 'utm_source'
            else 'utm_campaign'
        end as thing_kind,
        case problem
            when 'spend_without_tag' then ad_id
            when 'source_without_campaign' then utm_source_key
            else campaign
        end as thing,
        system,
        platform,
        campaign,
        cast(null as {{ dbt.type_string() }}) as department,
        cast(sum(row_count) as {{ dbt.type_bigint() }}) as row_count,
        cast(sum(spend) as decimal(18, 4)) as spend,
        min(first_day) as first_day,
        max(last_day) as last_day
    from found_in_rows
    where problem is not null
    group by problem, system, platform, campaign, ad_id, utm_source_key

),

maturities as (

    -- What the goal's outcome takes: the longest of the KPIs that count it, where these do not
    -- wait at all the longest of the goal.
    select
        goals.goal,
        coalesce(
            nullif(max(
                case
                    when
                        goals.outcome_measure in (
                            kpi_definitions.numerator_measure, kpi_definitions.denominator_measure
                        )
                        then kpi_definitions.maturity_days
                end
            ), 0),
            max(kpi_definitions.maturity_days),
            0
        ) as maturity_days
    from goals
    left join kpi_definitions
        on goals.goal = kpi_definitions.goal
    group by goals.goal

),

active as (

    select
        metric_days.campaign,
        count(distinct metric_days.day) as row_count,
        min(metric_days.day) as first_day,
        max(metric_days.day) as last_day
    from {{ ref('metric_days') }} as metric_days
    where
        metric_days.measure in ('clicks', 'spend')
        and metric_days.value > 0
    group by metric_days.campaign

),

arrived as (

    select distinct campaign
    from tagged
    where
        fact = 'fct_touchpoints'
        or attribution_rule in (1, 2)

),

mature as (

    select
        kpi_campaigns.*,
        active.row_count,
        active.first_day,
        active.last_day
    from kpi_campaigns
    inner join active
        on kpi_campaigns.campaign = active.campaign
    inner join maturities
        on kpi_campaigns.goal = maturities.goal
    cross join stg_ops__run
    where
        {{ dbt.datediff('active.first_day', 'stg_ops__run.business_date', 'day') }}
        >= maturities.maturity_days

),

campaign_findings as (

    select
        'campaign_without_outcome' as problem,
        mature.*
    from mature
    where mature.outcomes = 0

    union all

    -- where nothing at all arrives by a tag, no system of ours reports tags
    select
        'campaign_without_tag' as problem,
        mature.*
    from mature
    where
        mature.campaign not in (select arrived.campaign from arrived)
        and exists (select 1 from arrived)

),

findings as (

    select * from row_findings

    union all

    select
        problem,
        'campaign' as thing_kind,
        campaign as thing,
        'all' as system,
        platform,
        campaign,
        department,
        row_count,
        cast(spend as decimal(18, 4)) as spend,
        first_day,
        last_day
    from campaign_findings

),

final as (

    select
        findings.problem,
        findings.system,
        findings.platform,
        findings.campaign,
        findings.thing_kind,
        findings.thing,
        findings.row_count as rows,
        findings.spend,
        findings.first_day,
        findings.last_day,
        coalesce(of_source.contact_name, of_department.contact_name) as contact_name,
        coalesce(of_source.contact, of_department.contact) as contact,
        case findings.problem
            {%- for problem, sentence in sentences.items() %}
            when '{{ problem }}' then '{{ sentence }}'
            {%- endfor %}
        end as what_to_do
    from findings
    left join owners as of_source
        on
            findings.system = of_source.source
            and of_source.newest_of_source = 1
    left join owners as of_department
        on
            lower(trim(coalesce(findings.department, 'marketing'))) = of_department.department
            and of_department.newest_of_department = 1

)

select * from final
order by problem, system, platform, thing_kind, thing
