-- Rates come per euro: those of another business currency are crossed through it. A day without a
-- rate has the last one before, for at most a week; an older one is no rate.
with

stg_ecb__rates as (

    select
        currency,
        rate_on,
        units_per_euro
    from {{ ref('stg_ecb__rates') }}
    where units_per_euro > 0

),

stg_ops__run as (

    select currency
    from {{ ref('stg_ops__run') }}

),

per_euro as (

    select
        currency,
        rate_on,
        units_per_euro
    from stg_ecb__rates

    union all

    select distinct
        'EUR' as currency,
        rate_on,
        1e0 as units_per_euro
    from stg_ecb__rates

),

crossed as (

    -- rounded once, half up to 12 places, so that an exact decimal multiplies the amount
    select
        theirs.currency,
        theirs.rate_on,
        cast(ours.units_per_euro / theirs.units_per_euro as decimal(18, 12)) as rate
    from per_euro as theirs
    inner join per_euro as ours
        on theirs.rate_on = ours.rate_on
    inner join stg_ops__run
        on ours.currency = stg_ops__run.currency
    where theirs.currency <> stg_ops__run.currency

),

followed as (

    select
        currency,
        rate_on,
        rate,
        {{ dbt.dateadd('day', 7, 'rate_on') }} as week_later,
        lead(rate_on) over (
            partition by currency
            order by rate_on
        ) as next_rate_on
    from crossed

),

final as (

    select
        currency,
        cast('0001-01-01' as date) as valid_from,
        cast('9999-12-31' as date) as valid_to,
        cast(1 as decimal(18, 12)) as rate
    from stg_ops__run

    union all

    select
        currency,
        rate_on as valid_from,
        cast(
            case
                when next_rate_on <= week_later
                    then {{ dbt.dateadd('day', -1, 'next_rate_on') }}
                else week_later
            end as date
        ) as valid_to,
        rate
    from followed

)

select * from final
