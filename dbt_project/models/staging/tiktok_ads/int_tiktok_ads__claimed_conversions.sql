{%- set claims = {'lead': 'form_count', 'conversion': 'conversion_count'} -%}
with

days as (

    select
        ad_id,
        metric_date,
        campaign,
        audience,
        currency,
        conversion_count,
        form_count,
        case click_window
            when 'ONE_DAY' then '1d_click'
            when 'SEVEN_DAYS' then '7d_click'
            when 'FOURTEEN_DAYS' then '14d_click'
            when 'TWENTY_EIGHT_DAYS' then '28d_click'
            else lower(nullif(click_window, 'OFF'))
        end as after_click,
        case view_window
            when 'ONE_DAY' then '1d_view'
            when 'SEVEN_DAYS' then '7d_view'
            else lower(nullif(view_window, 'OFF'))
        end as after_view
    from {{ ref('int_tiktok_ads__ad_days_placed') }}

),

final as (

    {%- for claim, column in claims.items() %}
    select
        'tiktok_ads' as system,
        'tiktok' as platform,
        ad_id,
        metric_date as date,
        campaign,
        audience,
        cast(null as {{ dbt.type_string() }}) as message,
        '{{ claim }}' as claim,
        coalesce(
            {{ dbt.concat(['after_click', "'_'", 'after_view']) }}, after_click, after_view
        ) as attribution_window,
        cast({{ column }} as double) as claimed,
        cast(null as {{ entity_type('money') }}) as claimed_value,
        currency
    from days
    where {{ column }} is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select
    {{ entity_select('claimed_conversions') }}
from final
