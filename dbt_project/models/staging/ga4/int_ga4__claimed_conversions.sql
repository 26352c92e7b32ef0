with

stg_ga4__key_events as (

    select
        metric_date,
        session_source,
        session_campaign,
        event_name,
        key_event_count,
        {{ is_newest_report() }} as is_newest
    from {{ ref('stg_ga4__key_events') }}

),

stg_ga4__sessions as (

    select
        metric_date,
        session_source,
        session_campaign,
        transaction_count,
        purchase_revenue,
        currency,
        {{ is_newest_report() }} as is_newest
    from {{ ref('stg_ga4__sessions') }}

),

int_ga4__origins as (

    select
        session_source,
        session_campaign,
        campaign_key,
        platform
    from {{ ref('int_ga4__origins') }}

),

claims as (

    select
        metric_date,
        session_source,
        session_campaign,
        event_name as claim,
        key_event_count as claimed,
        cast(null as {{ entity_type('money') }}) as claimed_value,
        cast(null as {{ dbt.type_string() }}) as currency
    from stg_ga4__key_events
    where is_newest

    union all

    -- every session has a number of purchases: where nothing was sold, nothing is claimed
    select
        metric_date,
        session_source,
        session_campaign,
        'transaction' as claim,
        cast(transaction_count as double) as claimed,
        purchase_revenue as claimed_value,
        currency
    from stg_ga4__sessions
    where
        is_newest
        and (transaction_count <> 0 or purchase_revenue <> 0)

),

final as (

    select
        'ga4' as system,
        origins.platform,
        cast(null as {{ dbt.type_string() }}) as ad_id,
        claims.metric_date as date,
        origins.campaign_key as campaign,
        cast(null as {{ dbt.type_string() }}) as audience,
        cast(null as {{ dbt.type_string() }}) as message,
        claims.claim,
        'last_non_direct_click' as attribution_window,
        claims.claimed,
        claims.claimed_value,
        claims.currency
    from claims
    left join int_ga4__origins as origins
        on
            claims.session_source = origins.session_source
            and claims.session_campaign = origins.session_campaign

)

select * from final
