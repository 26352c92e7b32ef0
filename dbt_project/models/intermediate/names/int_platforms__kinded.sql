with

int_sources__mapped as (

    select
        system,
        platform,
        channel_kind,
        is_company_row
    from {{ ref('int_sources__mapped') }}

),

ranked as (

    -- A platform has one kind: what the company says, then what holds for all systems.
    select
        platform,
        channel_kind,
        row_number() over (
            partition by platform
            order by
                case when is_company_row then 0 else 1 end,
                case when system = '*' then 0 else 1 end,
                case channel_kind when 'social' then 0 when 'conventional' then 1 else 2 end
        ) as best_first
    from int_sources__mapped

),

final as (

    select
        platform,
        channel_kind
    from ranked
    where best_first = 1

)

select * from final
