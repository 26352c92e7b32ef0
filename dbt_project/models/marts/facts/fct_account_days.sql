with

int_account_metrics__differenced as (

    select
        {{ entity_select('account_metrics') }},
        definition_version,
        followers_gained,
        days_since_reading
    from {{ ref('int_account_metrics__differenced') }}

),

int_platforms__kinded as (

    select
        platform,
        channel_kind
    from {{ ref('int_platforms__kinded') }}

),

stg_ops__run as (

    select business_date
    from {{ ref('stg_ops__run') }}

),

restated_for as (

    -- what came before the first reading is made from days, which the source looks back on
    select
        source as system,
        max(lookback_days) as lookback_days
    from {{ ref('stg_ops__sources') }}
    where basis is not null
    group by source

),

final as (

    -- An account serves all campaigns at once.
    select
        accounts.system,
        accounts.platform,
        accounts.account_id,
        'unassigned' as campaign,
        'unassigned' as audience,
        'unassigned' as message,
        coalesce(int_platforms__kinded.channel_kind, 'unknown') as channel_kind,
        accounts.followers,
        accounts.followers_gained,
        accounts.days_since_reading,
        accounts.definition_version,
        {{ dbt.datediff('accounts.as_of', 'stg_ops__run.business_date', 'day') }}
        >= restated_for.lookback_days as is_final,
        accounts.as_of as day
    from int_account_metrics__differenced as accounts
    cross join stg_ops__run
    left join restated_for
        on accounts.system = restated_for.system
    left join int_platforms__kinded
        on accounts.platform = int_platforms__kinded.platform

)

select * from final
order by system, platform, account_id, day
