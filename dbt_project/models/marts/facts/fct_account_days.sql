with

int_account_metrics__unioned as (

    select
        {{ entity_select('account_metrics') }}
    from {{ ref('int_account_metrics__unioned') }}

),

int_platforms__kinded as (

    select
        platform,
        channel_kind
    from {{ ref('int_platforms__kinded') }}

),

int_account_metrics__differenced as (

    select
        system,
        platform,
        account_id,
        as_of,
        followers_gained,
        days_since_reading
    from {{ ref('int_account_metrics__differenced') }}

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
        gained.followers_gained,
        gained.days_since_reading,
        accounts.as_of as day
    from int_account_metrics__unioned as accounts
    left join int_platforms__kinded
        on accounts.platform = int_platforms__kinded.platform
    left join int_account_metrics__differenced as gained
        on
            accounts.system = gained.system
            and accounts.platform = gained.platform
            and accounts.account_id = gained.account_id
            and accounts.as_of = gained.as_of

)

select * from final
order by system, platform, account_id, day
