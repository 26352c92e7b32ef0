{%- set silos = {
    'marketing': 'platform', 'hr': 'recruiting', 'sales': 'sales', 'support': 'support',
    'commerce': 'shop'
} -%}

with streams as (
    select
        source,
        stream,
        department,
        stale_after_days,
        is_file,
        configured,
        record
    from {{ ref('int_coverage__streams') }}
),

loads as (
    select
        source,
        stream,
        loaded_by,
        row_count,
        was_loaded,
        drift,
        last_success,
        loaded_until,
        last_error,
        landed_rows,
        rejected_rows,
        rejected_cells
    from {{ ref('int_coverage__loads') }}
),

facts_reached as (
    select
        source,
        stream,
        campaign_share,
        negative_durations,
        amounts_without_rate,
        likely_double_entries
    from {{ ref('int_coverage__facts_reached') }}
),

names_unknown as (
    select
        source,
        stream,
        unknown_values
    from {{ ref('int_coverage__names_unknown') }}
),

kpi_owners as (
    select
        source,
        department,
        contact_name,
        contact,
        valid_from,
        valid_to
    from {{ ref('stg_company__kpi_owners') }}
),

run as (
    select business_date from {{ ref('stg_ops__run') }}
),

owners_valid as (
    {{ owners_on_business_date('kpi_owners', 'run') }}
),

covered as (
    select
        streams.*,
        loads.row_count,
        loads.drift,
        loads.last_success,
        loads.last_error,
        loads.rejected_rows,
        loads.rejected_cells,
        loads.landed_rows,
        loads.loaded_by,
        coalesce(loads.was_loaded, false) as was_loaded,
        loads.loaded_by is not null and loads.row_count is null as is_not_brought,
        {{ dbt.datediff('loads.loaded_until', 'run.business_date', 'day') }} as days_behind
    from streams
    cross join run
    left join loads on streams.source = loads.source and streams.stream = loads.stream
    where loads.was_loaded or (streams.configured and not streams.is_file)
),

silos as (
    {%- for department, silo in silos.items() %}
    select
        '{{ department }}' as department,
        '{{ silo }}' as silo
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- A silo that no stream covers is a row of its own.
final as (
    select
        coalesce(covered.department, silos.department) as department,
        coalesce(covered.source, 'none') as source,
        coalesce(covered.stream, 'none') as stream,
        coalesce(of_source.contact_name, of_department.contact_name) as contact_name,
        coalesce(of_source.contact, of_department.contact) as contact,
        case
            when covered.source is null then 'not_configured'
            when covered.last_error is not null then 'failed'
            when not covered.configured or covered.is_not_brought then 'not_configured'
            when covered.last_success is null then 'stale'
            when covered.days_behind > covered.stale_after_days then 'stale'
            else 'ok'
        end as status,
        covered.last_success,
        covered.last_error,
        case when covered.days_behind is not null then greatest(0, covered.days_behind) end
            as freshness_days,
        covered.row_count as rows,
        covered.rejected_rows,
        covered.rejected_cells,
        cast(covered.rejected_rows as double) / nullif(covered.landed_rows, 0) as rejected_share,
        covered.drift,
        facts_reached.campaign_share,
        facts_reached.negative_durations,
        names_unknown.unknown_values,
        -- a stream of costs without a likely double has none: they were looked for
        case when covered.record = 'cost' then coalesce(facts_reached.likely_double_entries, 0) end
            as likely_double_entries,
        case
            when covered.source is null
                then {{ dbt.concat([
                    "'no '",
                    'silos.silo',
                    "' source is on: its KPIs have no data until one is in sources.yml'",
                ]) }}
            when covered.is_not_brought
                then {{ dbt.concat(['covered.loaded_by', "' does not bring this stream'"]) }}
            when covered.loaded_by is not null
                then {{ dbt.concat(["'loaded by '", 'covered.loaded_by']) }}
            when not covered.was_loaded then 'nothing has been loaded yet'
            when not covered.configured
                then 'switched off; what it brought before is still counted'
            when facts_reached.amounts_without_rate > 0
                then {{ dbt.concat([
                    "'amounts without a rate, counted nowhere: '",
                    'cast(facts_reached.amounts_without_rate as ' ~ dbt.type_string() ~ ')',
                ]) }}
        end as note
    from covered
    full outer join silos on covered.department = silos.department
    left join facts_reached
        on covered.source = facts_reached.source and covered.stream = facts_reached.stream
    left join names_unknown
        on covered.source = names_unknown.source and covered.stream = names_unknown.stream
    left join owners_valid as of_source
        on covered.source = of_source.source and of_source.newest_of_source = 1
    left join owners_valid as of_department
        on
            coalesce(covered.department, silos.department) = of_department.department
            and of_department.newest_of_department = 1
)

select * from final
order by department, source, stream
