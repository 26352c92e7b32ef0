{{ config(materialized='table') }}
{%- set seen = [
    ('int_applications__unioned', 'source', 'source', 'application'),
    ('int_applications__unioned', 'utm_source', 'utm_source', 'application'),
    ('int_applications__unioned', 'handed_platform', 'platform', 'application'),
    ('int_leads__unioned', 'source', 'source', 'lead'),
    ('int_leads__unioned', 'utm_source', 'utm_source', 'lead'),
    ('int_leads__unioned', 'handed_platform', 'platform', 'lead'),
    ('int_deals__unioned', 'source', 'source', 'deal'),
    ('int_deals__unioned', 'utm_source', 'utm_source', 'deal'),
    ('int_deals__unioned', 'handed_platform', 'platform', 'deal'),
    ('int_orders__unioned', 'source', 'source', 'order'),
    ('int_orders__unioned', 'utm_source', 'utm_source', 'order'),
    ('int_orders__unioned', 'handed_platform', 'platform', 'order'),
    ('int_support_requests__unioned', 'channel', 'source', 'support_request'),
    ('int_support_requests__unioned', 'handed_platform', 'platform', 'support_request'),
    ('int_costs__unioned', 'platform', 'platform', 'cost'),
    ('int_touchpoints__unioned', 'platform', 'platform', 'touchpoint'),
    ('stg_file_drop__posts', 'platform', 'platform', 'post'),
    ('stg_file_drop__post_metrics', 'platform', 'platform', 'post'),
    ('stg_file_drop__account_metrics', 'platform', 'platform', 'account'),
    ('stg_file_drop__ad_performance', 'platform', 'platform', 'ad'),
] -%}
with

{% for model, column, field, record in seen -%}
{{ model }}_{{ column }} as (

    -- counted before it is read: names are few, rows are many
    select
        system,
        {{ name_key(column) }} as name_key,
        '{{ field }}' as field,
        '{{ record }}' as record,
        sum(row_count) as row_count
    from (
        select
            system,
            {{ column }},
            count(*) as row_count
        from {{ ref(model) }}
        group by system, {{ column }}
    ) as counted
    where {{ name_key(column) }} is not null
    group by system, {{ name_key(column) }}

),

{% endfor -%}
campaign_platforms as (

    select
        'company' as system,
        {{ name_key('platform') }} as name_key,
        'platform' as field,
        'campaign' as record,
        count(*) as row_count
    from {{ ref('stg_company__campaigns') }}
    where {{ name_key('platform') }} is not null
    group by {{ name_key('platform') }}

),

combined as (

    select
        system,
        name_key,
        field,
        record,
        row_count
    from campaign_platforms

    {%- for model, column, field, record in seen %}

    union all

    select
        system,
        name_key,
        field,
        record,
        row_count
    from {{ model }}_{{ column }}
    {%- endfor %}

),

final as (

    select
        system,
        name_key,
        field,
        record,
        cast(sum(row_count) as {{ dbt.type_bigint() }}) as row_count
    from combined
    group by system, name_key, field, record

)

select * from final
