{#- Body of a CTE: the rows of `ads` (system, platform, ad_id, campaign_key, …), each with the name of
    its campaign: by external id of campaigns.csv, else by its own name, else unassigned. -#}
{% macro ads_with_campaign(ads) -%}
    select
        ads.*,
        coalesce(
            by_system.campaign,
            by_platform.campaign,
            named.campaign,
            ads.campaign_key,
            'unassigned'
        ) as campaign_name
    from {{ ads }} as ads
    left join {{ ref('int_campaigns__external_ids') }} as by_system
        on
            ads.system = by_system.source
            and ads.ad_id = by_system.external_id
    left join {{ ref('int_campaigns__external_ids') }} as by_platform
        on
            ads.platform = by_platform.source
            and ads.ad_id = by_platform.external_id
    left join {{ ref('int_campaigns__named') }} as named
        on ads.campaign_key = named.name_key
{%- endmacro %}
