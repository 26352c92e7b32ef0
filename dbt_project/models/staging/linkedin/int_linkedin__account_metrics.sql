with

stg_linkedin__follower_totals as (

    select
        account_id,
        follower_count,
        {{ business_day('fetched_at') }} as as_of,
        fetched_at
    from {{ ref('stg_linkedin__follower_totals') }}

),

stg_linkedin__follower_gains as (

    select
        account_id,
        organic_gain_count,
        paid_gain_count,
        metric_date
    from {{ ref('stg_linkedin__follower_gains') }}

),

numbered as (

    select
        account_id,
        follower_count,
        as_of,
        row_number() over (
            partition by account_id, as_of
            order by fetched_at desc
        ) as newest_of_day
    from stg_linkedin__follower_totals

),

readings as (

    select
        account_id,
        follower_count,
        as_of
    from numbered
    where newest_of_day = 1

),

first_days as (

    select
        account_id,
        min(as_of) as first_as_of
    from readings
    group by account_id

),

first_readings as (

    select
        readings.account_id,
        readings.follower_count,
        readings.as_of
    from readings
    inner join first_days
        on
            readings.account_id = first_days.account_id
            and readings.as_of = first_days.first_as_of

),

gained_since as (

    select
        gains.account_id,
        gains.metric_date as as_of,
        first_readings.as_of as read_on,
        first_readings.follower_count,
        sum(gains.organic_gain_count + gains.paid_gain_count) over (
            partition by gains.account_id
            order by gains.metric_date desc
        ) as gain_count,
        count(*) over (
            partition by gains.account_id
            order by gains.metric_date desc
        ) as known_day_count
    from stg_linkedin__follower_gains as gains
    inner join first_readings
        on
            gains.account_id = first_readings.account_id
            and gains.metric_date < first_readings.as_of

),

final as (

    select
        'linkedin' as system,
        'linkedin' as platform,
        account_id,
        as_of,
        follower_count as followers
    from readings

    union all

    -- Before the first reading: that total less what was gained since, where every day is known.
    select
        'linkedin' as system,
        'linkedin' as platform,
        account_id,
        as_of,
        cast(follower_count - gain_count as {{ dbt.type_bigint() }}) as followers
    from gained_since
    where known_day_count = {{ dbt.datediff('as_of', 'read_on', 'day') }}

)

select
    {{ entity_select('account_metrics') }}
from final
