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
        accounts.as_of as day
    from int_account_metrics__unioned as accounts
    left join int_platforms__kinded
        on accounts.platform = int_platforms__kinded.platform

)

select * from final
order by system, platform, account_id, day
