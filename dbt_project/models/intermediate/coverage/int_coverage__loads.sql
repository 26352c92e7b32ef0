{{ config(materialized='table') }}

with raw_rows as (
    {{ raw_row_counts() }}
),

-- What counts today: of a file its newest attempt, of an API stream its newest attempt.
attempts as (
    select
        source,
        stream,
        file,
        attempt,
        status,
        error,
        drift,
        rows_landed,
        rows_rejected,
        cells_rejected,
        window_last,
        loaded_at,
        row_number() over (
            partition by source, stream, file
            order by loaded_at desc, attempt desc
        ) as newest_first
    from {{ ref('stg_ops__load_ledger') }}
),

own_loads as (
    select
        source,
        stream,
        max(case when status = 'loaded' then loaded_at end) as last_success,
        max(case when status = 'loaded' then window_last end) as loaded_until,
        max(case when status = 'failed' and newest_first = 1 then error end) as last_error,
        cast(
            sum(case when newest_first = 1 then rows_landed end) as {{ dbt.type_bigint() }}
        ) as landed_rows,
        cast(
            sum(case when newest_first = 1 then rows_rejected end) as {{ dbt.type_bigint() }}
        ) as rejected_rows,
        cast(
            sum(case when newest_first = 1 then cells_rejected end) as {{ dbt.type_bigint() }}
        ) as rejected_cells
    from attempts
    group by source, stream
),

-- An attempt to which no record came says nothing of a record's fields.
attempts_with_fields as (
    select
        source,
        stream,
        drift,
        row_number() over (
            partition by source, stream, file
            order by loaded_at desc, attempt desc
        ) as newest_first
    from attempts
    where rows_landed > 0 or drift <> ''
),

drifts as (
    select
        source,
        stream,
        {{ dbt.listagg('drift', "', '", 'order by drift') }} as drift
    from (
        select distinct
            source,
            stream,
            drift
        from attempts_with_fields
        where newest_first = 1 and drift <> ''
    ) as found
    group by source, stream
),

-- What another tool loads is as fresh as its own tables; nothing is known of rows it rejected.
final as (
    select
        coalesce(raw_rows.source, own_loads.source) as source,
        coalesce(raw_rows.stream, own_loads.stream) as stream,
        raw_rows.loaded_by,
        raw_rows.row_count,
        raw_rows.loaded_by is not null or own_loads.source is not null as was_loaded,
        drifts.drift,
        case when raw_rows.loaded_by is null then own_loads.last_success else raw_rows.synced_at end
            as last_success,
        case
            when raw_rows.loaded_by is null then own_loads.loaded_until
            else {{ business_day('raw_rows.synced_at') }}
        end as loaded_until,
        case when raw_rows.loaded_by is null then own_loads.last_error end as last_error,
        case when raw_rows.loaded_by is null then own_loads.landed_rows end as landed_rows,
        case when raw_rows.loaded_by is null then own_loads.rejected_rows end as rejected_rows,
        case when raw_rows.loaded_by is null then own_loads.rejected_cells end as rejected_cells
    from raw_rows
    full outer join own_loads
        on raw_rows.source = own_loads.source and raw_rows.stream = own_loads.stream
    left join drifts on own_loads.source = drifts.source and own_loads.stream = drifts.stream
)

select * from final
