-- What an account gained between two readings lies on the day of the later one.
with

int_account_metrics__unioned as (

    select
        {{ entity_select('account_metrics') }}
    from {{ ref('int_account_metrics__unioned') }}

),

preceded as (

    select
        *,
        lag(followers) over (partition by system, platform, account_id order by as_of)
            as previous_followers,
        lag(as_of) over (partition by system, platform, account_id order by as_of)
            as previous_as_of
    from int_account_metrics__unioned
    where followers is not null

),

final as (

    -- followers may be lost, so a total that falls is a loss here and no restatement
    select
        system,
        platform,
        account_id,
        as_of,
        followers - previous_followers as followers_gained,
        cast({{ dbt.datediff('previous_as_of', 'as_of', 'day') }} as {{ dbt.type_bigint() }})
            as days_since_reading
    from preceded

)

select * from final
