-- A cost with `until` lies evenly on its days; the rest of the division is on the last one, so
-- that the days add up to the cost exactly. An `until` before the date is no span.
with

fct_costs as (

    select
        system,
        cost_id,
        amount,
        amount_original,
        date,
        case
            when until > date
                then least({{ dbt.datediff('date', 'until', 'day') }} + 1, 100000)
            else 1
        end as days
    from {{ ref('fct_costs') }}

),

int_dates__numbered as (

    select number
    from {{ ref('int_dates__numbered') }}

),

units as (

    -- in ten-thousandths, whole numbers: no fraction is lost in a division
    select
        system,
        cost_id,
        date,
        days,
        cast(amount * 10000 as {{ dbt.type_bigint() }}) as amount,
        cast(amount_original * 10000 as {{ dbt.type_bigint() }}) as amount_original
    from fct_costs

),

shares as (

    select
        system,
        cost_id,
        date,
        days,
        amount,
        amount_original,
        cast((amount - mod(amount, days)) / days as {{ dbt.type_bigint() }}) as share,
        cast(
            (amount_original - mod(amount_original, days)) / days as {{ dbt.type_bigint() }}
        ) as share_original
    from units

),

placed as (

    select
        shares.system,
        shares.cost_id,
        cast(
            {{ dbt.dateadd('day', 'int_dates__numbered.number', 'shares.date') }} as date
        ) as cost_on,
        case
            when int_dates__numbered.number = shares.days - 1
                then shares.amount - shares.share * (shares.days - 1)
            else shares.share
        end as amount,
        case
            when int_dates__numbered.number = shares.days - 1
                then shares.amount_original - shares.share_original * (shares.days - 1)
            else shares.share_original
        end as amount_original
    from shares
    inner join int_dates__numbered
        on int_dates__numbered.number < shares.days

),

final as (

    select
        system,
        cost_id,
        cost_on,
        cast(
            cast(amount as decimal(18, 0)) * cast(0.0001 as decimal(5, 4)) as decimal(18, 4)
        ) as amount,
        cast(
            cast(amount_original as decimal(18, 0)) * cast(0.0001 as decimal(5, 4))
            as decimal(18, 4)
        ) as amount_original
    from placed

)

select * from final
