{{ config(materialized='table') }}

with entities as (
    {%- for entity in covered_entities() if entity.record %}
    select
        '{{ entity.record }}' as record,
        '{{ entity.department }}' as department
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

unknown_names as (
    select
        seen.system,
        seen.record,
        entities.department,
        seen.name_key,
        sum(seen.row_count) as row_count
    from {{ ref('int_names__seen') }} as seen
    inner join entities on seen.record = entities.record
    left join {{ ref('int_names__resolved') }} as resolved
        on seen.system = resolved.system and seen.name_key = resolved.name_key
    where
        (seen.field = 'platform' and coalesce(resolved.channel_kind, 'unknown') = 'unknown')
        or (seen.field <> 'platform' and coalesce(resolved.mapped_kind, 'unknown') = 'unknown')
    group by seen.system, seen.record, entities.department, seen.name_key
),

named as (
    select
        streams.source,
        streams.stream,
        unknown_names.row_count,
        {{ dbt.concat([
            'unknown_names.name_key',
            "' ('",
            'cast(unknown_names.row_count as ' ~ dbt.type_string() ~ ')',
            "')'",
        ]) }} as text
    from {{ ref('int_coverage__streams') }} as streams
    inner join unknown_names
        on
            streams.source = unknown_names.system
            and streams.department = unknown_names.department
            and (streams.record is null or streams.record = unknown_names.record)
            and (not streams.is_file or streams.record is not null)
),

final as (
    select
        source,
        stream,
        {{ dbt.listagg('text', "', '", 'order by row_count desc, text') }} as unknown_values
    from named
    group by source, stream
)

select * from final
