{%- set facts = [
    'int_conversions__attributed', 'fct_posts', 'fct_ad_days', 'fct_costs', 'fct_touchpoints',
] -%}
with

int_campaigns__declared as (

    select
        campaign,
        goal,
        department,
        platform,
        audience,
        message,
        starts,
        ends
    from {{ ref('int_campaigns__declared') }}

),

seen as (

    select campaign
    from int_campaigns__declared

    union distinct

    select 'unassigned' as campaign

    {%- for fact in facts %}

    union distinct

    select campaign
    from {{ ref(fact) }}
    {%- endfor %}

),

final as (

    select
        seen.campaign,
        int_campaigns__declared.goal,
        int_campaigns__declared.department,
        coalesce(int_campaigns__declared.platform, 'unattributed') as platform,
        coalesce(int_campaigns__declared.audience, 'unassigned') as audience,
        coalesce(int_campaigns__declared.message, 'unassigned') as message,
        int_campaigns__declared.starts,
        int_campaigns__declared.ends,
        int_campaigns__declared.campaign is not null as is_declared
    from seen
    left join int_campaigns__declared
        on seen.campaign = int_campaigns__declared.campaign

)

select * from final
order by campaign
