{%- set facts = [
    'int_conversions__attributed', 'fct_posts', 'fct_post_days', 'fct_account_days',
    'fct_ad_days', 'fct_costs', 'fct_touchpoints',
] -%}
with

int_platforms__kinded as (

    select
        platform,
        channel_kind
    from {{ ref('int_platforms__kinded') }}

),

platform_labels as (

    select
        platform,
        label
    from {{ ref('platform_labels') }}

),

seen as (

    select platform
    from int_platforms__kinded

    union distinct

    select 'unattributed' as platform

    {%- for fact in facts %}

    union distinct

    select platform
    from {{ ref(fact) }}
    {%- endfor %}

),

final as (

    select
        seen.platform,
        coalesce(int_platforms__kinded.channel_kind, 'unknown') as channel_kind,
        coalesce(
            platform_labels.label,
            {{ dbt.concat([
                "upper(substring(seen.platform, 1, 1))",
                "replace(substring(seen.platform, 2), '_', ' ')",
            ]) }}
        ) as label
    from seen
    left join int_platforms__kinded
        on seen.platform = int_platforms__kinded.platform
    left join platform_labels
        on seen.platform = platform_labels.platform

)

select * from final
order by platform
