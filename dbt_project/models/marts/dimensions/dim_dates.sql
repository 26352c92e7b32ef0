with

int_dates__numbered as (

    select number
    from {{ ref('int_dates__numbered') }}
    where number < 36525

),

stg_ops__run as (

    select business_date
    from {{ ref('stg_ops__run') }}

),

numbered_days as (

    select
        cast(
            {{ dbt.dateadd('day', 'int_dates__numbered.number', "cast('2001-01-01' as date)") }}
            as date
        ) as date_day,
        cast(mod(int_dates__numbered.number, 7) + 1 as {{ dbt.type_bigint() }}) as weekday_number
    from int_dates__numbered

),

final as (

    -- 2001-01-01 was a Monday
    select
        numbered_days.date_day,
        cast({{ dbt.date_trunc('week', 'numbered_days.date_day') }} as date) as week_start,
        cast({{ dbt.date_trunc('month', 'numbered_days.date_day') }} as date) as month_start,
        cast({{ dbt.date_trunc('quarter', 'numbered_days.date_day') }} as date) as quarter_start,
        cast({{ dbt.date_trunc('year', 'numbered_days.date_day') }} as date) as year_start,
        numbered_days.weekday_number,
        numbered_days.weekday_number <= 5 as is_working_day
    from numbered_days
    cross join stg_ops__run
    where
        numbered_days.date_day
        < cast(
            {{ dbt.dateadd('year', 3, dbt.date_trunc('year', 'stg_ops__run.business_date')) }}
            as date
        )

)

select * from final
order by date_day
