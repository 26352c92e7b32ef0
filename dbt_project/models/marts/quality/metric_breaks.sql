with

metric_definitions as (

    select
        platform,
        entity,
        measure,
        metric,
        version,
        valid_from,
        valid_to,
        meaning
    from {{ ref('metric_definitions') }}

),

-- A definition that follows another one, one that begins, and one that ends without a successor.
final as (

    select
        newer.platform,
        newer.entity,
        newer.measure,
        newer.valid_from as break_on,
        older.metric as from_metric,
        older.meaning as from_meaning,
        newer.metric as to_metric,
        newer.meaning as to_meaning
    from metric_definitions as newer
    left join metric_definitions as older
        on
            newer.platform = older.platform
            and newer.entity = older.entity
            and newer.measure = older.measure
            and newer.version = older.version + 1
    where newer.valid_from is not null

    union all

    select
        ended.platform,
        ended.entity,
        ended.measure,
        cast({{ dbt.dateadd('day', 1, 'ended.valid_to') }} as date) as break_on,
        ended.metric as from_metric,
        ended.meaning as from_meaning,
        cast(null as {{ dbt.type_string() }}) as to_metric,
        cast(null as {{ dbt.type_string() }}) as to_meaning
    from metric_definitions as ended
    left join metric_definitions as newer
        on
            ended.platform = newer.platform
            and ended.entity = newer.entity
            and ended.measure = newer.measure
            and ended.version + 1 = newer.version
    where
        ended.valid_to is not null
        and newer.version is null

)

select * from final
order by platform, entity, measure, break_on
