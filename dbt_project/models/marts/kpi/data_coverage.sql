{#- Entities of the file drop: department, what names seen in it are recorded as, its fact. -#}
{%- set entities = [
    ('posts', 'marketing', 'post', 'fct_posts'),
    ('post_metrics', 'marketing', none, none),
    ('account_metrics', 'marketing', 'account', none),
    ('ad_performance', 'marketing', 'ad', 'fct_ad_days'),
    ('applications', 'hr', 'application', 'fct_applications'),
    ('leads', 'sales', 'lead', 'fct_leads'),
    ('deals', 'sales', 'deal', 'fct_deals'),
    ('support_requests', 'support', 'support_request', 'fct_support_requests'),
    ('orders', 'commerce', 'order', 'fct_orders'),
    ('costs', 'finance', 'cost', 'fct_costs'),
    ('touchpoints', 'marketing', 'touchpoint', 'fct_touchpoints'),
] -%}
{%- set areas = {
    'social': 'marketing', 'ads': 'marketing', 'recruiting': 'hr', 'crm': 'sales',
    'support': 'support', 'shop': 'commerce', 'money': 'finance'
} -%}
{#- Facts with an amount: as converted, and beside it as it was. -#}
{%- set amounts = {
    'ad_performance': 'spend', 'deals': 'amount', 'orders': 'amount', 'costs': 'amount'
} -%}
{%- set silos = {
    'marketing': 'platform', 'hr': 'recruiting', 'sales': 'sales', 'support': 'support',
    'commerce': 'shop'
} -%}
{#- An API is asked every night; people export files once a month. -#}
{%- set stale_after_days = {'api': 2, 'files': 35} -%}

with stg_ops__sources as (
    select
        source,
        stream,
        area,
        configured
    from {{ ref('stg_ops__sources') }}
),

stg_ops__load_ledger as (
    select
        source,
        stream,
        attempt,
        file,
        status,
        error,
        drift,
        rows_landed,
        rows_rejected,
        cells_rejected,
        window_last,
        loaded_at
    from {{ ref('stg_ops__load_ledger') }}
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

int_names__seen as (
    select
        system,
        name_key,
        field,
        record,
        row_count
    from {{ ref('int_names__seen') }}
),

int_names__resolved as (
    select
        system,
        name_key,
        mapped_platform,
        mapped_kind,
        channel_kind
    from {{ ref('int_names__resolved') }}
),

run as (
    select business_date from {{ ref('stg_ops__run') }}
),

entities as (
    {%- for stream, department, record, fact in entities %}
    select
        '{{ stream }}' as stream,
        '{{ department }}' as department,
        {% if record %}'{{ record }}'{% else %}cast(null as {{ dbt.type_string() }}){% endif %}
            as record
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- What counts today: of a file its newest attempt, of an API stream its newest attempt.
attempts as (
    select
        stg_ops__load_ledger.*,
        row_number() over (
            partition by source, stream, file
            order by loaded_at desc, attempt desc
        ) as newest_first
    from stg_ops__load_ledger
),

own_loads as (
    select
        source,
        stream,
        max(case when status = 'loaded' then loaded_at end) as last_success,
        max(case when status = 'loaded' then window_last end) as loaded_until,
        max(case when status = 'failed' and newest_first = 1 then error end) as last_error,
        cast(
            sum(case when newest_first = 1 then rows_rejected end) as {{ dbt.type_bigint() }}
        ) as rejected_rows,
        cast(
            sum(case when newest_first = 1 then cells_rejected end) as {{ dbt.type_bigint() }}
        ) as rejected_cells,
        cast(sum(case when newest_first = 1 then rows_rejected end) as double)
        / nullif(sum(case when newest_first = 1 then rows_landed end), 0) as rejected_share
    from attempts
    group by source, stream
),

raw_rows as (
    {{ raw_row_counts() }}
),

-- What another tool loads is as fresh as its own tables; nothing is known of rows it rejected.
loads as (
    select own_loads.*
    from own_loads
    left join raw_rows
        on own_loads.source = raw_rows.source and own_loads.stream = raw_rows.stream
    where raw_rows.loaded_by is null
    union all
    select
        source,
        stream,
        synced_at as last_success,
        {{ business_day('synced_at') }} as loaded_until,
        cast(null as {{ dbt.type_string() }}) as last_error,
        cast(null as {{ dbt.type_bigint() }}) as rejected_rows,
        cast(null as {{ dbt.type_bigint() }}) as rejected_cells,
        cast(null as double) as rejected_share
    from raw_rows
    where loaded_by is not null
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
        from attempts
        where newest_first = 1 and drift <> ''
    ) as found
    group by source, stream
),

streams as (
    select
        stg_ops__sources.source,
        stg_ops__sources.stream,
        case
            when stg_ops__sources.source = 'company' then 'company'
            when stg_ops__sources.source = 'file_drop' then entities.department
            {%- for area, department in areas.items() %}
            when stg_ops__sources.area = '{{ area }}' then '{{ department }}'
            {%- endfor %}
            else 'unassigned'
        end as department,
        case
            when
                stg_ops__sources.source in ('company', 'file_drop')
                then {{ stale_after_days.files }}
            else {{ stale_after_days.api }}
        end as stale_after_days,
        stg_ops__sources.source in ('company', 'file_drop') as is_file,
        stg_ops__sources.configured,
        entities.record
    from stg_ops__sources
    left join entities
        on stg_ops__sources.source = 'file_drop' and stg_ops__sources.stream = entities.stream
),

-- Rows of the facts by the system they came from.
fact_rows as (
    {%- for stream, department, record, fact in entities if fact %}
    select
        system,
        '{{ department }}' as department,
        '{{ record }}' as record,
        count(*) as row_count,
        sum(case when campaign = 'unassigned' then 0 else 1 end) as campaign_rows,
        sum(
            {% if stream in ('applications', 'support_requests') -%}
            case when is_duration_negative then 1 else 0 end
            {%- else -%}
            0
            {%- endif %}
        ) as negative_durations,
        sum(
            {% if stream in amounts -%}
            case
                when {{ amounts[stream] }} is null and {{ amounts[stream] }}_original is not null
                    then 1
                else 0
            end
            {%- else -%}
            0
            {%- endif %}
        ) as amounts_without_rate
    from {{ ref(fact) }}
    group by system
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

unknown_names as (
    select
        int_names__seen.system,
        int_names__seen.record,
        int_names__seen.name_key,
        sum(int_names__seen.row_count) as row_count
    from int_names__seen
    left join int_names__resolved
        on
            int_names__seen.system = int_names__resolved.system
            and int_names__seen.name_key = int_names__resolved.name_key
    where
        (
            int_names__seen.field = 'platform'
            and coalesce(int_names__resolved.channel_kind, 'unknown') = 'unknown'
        )
        or (
            int_names__seen.field <> 'platform'
            and coalesce(int_names__resolved.mapped_kind, 'unknown') = 'unknown'
        )
    group by int_names__seen.system, int_names__seen.record, int_names__seen.name_key
),

-- A media cost in a month in which the same platform and campaign have ad spend, too.
double_entries as (
    select
        fct_costs.system,
        count(distinct fct_costs.cost_id) as likely_double_entries
    from {{ ref('fct_costs') }} as fct_costs
    inner join {{ ref('fct_ad_days') }} as fct_ad_days
        on
            fct_costs.platform = fct_ad_days.platform
            and fct_costs.campaign = fct_ad_days.campaign
            and cast({{ dbt.date_trunc('month', 'fct_costs.date') }} as date)
            <= cast({{ dbt.date_trunc('month', 'fct_ad_days.day') }} as date)
            and cast(
                {{ dbt.date_trunc('month', 'coalesce(fct_costs.until, fct_costs.date)') }} as date
            )
            >= cast({{ dbt.date_trunc('month', 'fct_ad_days.day') }} as date)
    where
        fct_ad_days.spend > 0
        and fct_costs.campaign <> 'unassigned'
        and lower(trim(fct_costs.category)) in (
            'media', 'media spend', 'ads', 'ad spend', 'advertising'
        )
    group by fct_costs.system
),

-- A file holds one entity: its figures are its own. The streams of an API share those of the facts
-- that they make together (applications, offers and jobs → fct_applications).
stream_facts as (
    select
        streams.source,
        streams.stream,
        sum(fact_rows.campaign_rows) * 1e0 / nullif(sum(fact_rows.row_count), 0) as campaign_share,
        cast(sum(fact_rows.negative_durations) as {{ dbt.type_bigint() }}) as negative_durations,
        cast(sum(fact_rows.amounts_without_rate) as {{ dbt.type_bigint() }})
            as amounts_without_rate
    from streams
    inner join fact_rows
        on
            streams.source = fact_rows.system
            and streams.department = fact_rows.department
            and (streams.record is null or streams.record = fact_rows.record)
            and (not streams.is_file or streams.record is not null)
    group by streams.source, streams.stream
),

stream_unknowns as (
    select
        named.source,
        named.stream,
        {{ dbt.listagg('named.text', "', '", 'order by named.row_count desc, named.text') }}
            as unknown_values
    from (
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
        from streams
        inner join unknown_names
            on
                streams.source = unknown_names.system
                and (streams.record is null or streams.record = unknown_names.record)
                and (not streams.is_file or streams.record is not null)
        inner join entities
            on
                unknown_names.record = entities.record
                and streams.department = entities.department
    ) as named
    group by named.source, named.stream
),

owners_valid as (
    {{ owners_on_business_date('kpi_owners', 'run') }}
),

covered as (
    select
        streams.department,
        streams.source,
        streams.stream,
        case
            when loads.last_error is not null then 'failed'
            when not streams.configured then 'not_configured'
            when raw_rows.loaded_by is not null and raw_rows.row_count is null
                then 'not_configured'
            when loads.last_success is null then 'stale'
            when
                {{ dbt.datediff('loads.loaded_until', 'run.business_date', 'day') }}
                > streams.stale_after_days
                then 'stale'
            else 'ok'
        end as status,
        loads.last_success,
        loads.last_error,
        case
            when loads.loaded_until is not null
                then greatest(
                    0, {{ dbt.datediff('loads.loaded_until', 'run.business_date', 'day') }}
                )
        end as freshness_days,
        raw_rows.row_count,
        loads.rejected_rows,
        loads.rejected_cells,
        loads.rejected_share,
        drifts.drift,
        stream_facts.campaign_share,
        stream_facts.negative_durations,
        stream_unknowns.unknown_values,
        case when streams.record = 'cost' then coalesce(double_entries.likely_double_entries, 0) end
            as likely_double_entries,
        case
            when raw_rows.loaded_by is not null and raw_rows.row_count is null
                then {{ dbt.concat(['raw_rows.loaded_by', "' does not bring this stream'"]) }}
            when raw_rows.loaded_by is not null
                then {{ dbt.concat(["'loaded by '", 'raw_rows.loaded_by']) }}
            when loads.source is null then 'nothing has been loaded yet'
            when not streams.configured then 'switched off; what it brought before is still counted'
            when stream_facts.amounts_without_rate > 0
                then {{ dbt.concat([
                    "'amounts without a rate, counted nowhere: '",
                    'cast(stream_facts.amounts_without_rate as ' ~ dbt.type_string() ~ ')',
                ]) }}
        end as note
    from streams
    cross join run
    left join loads on streams.source = loads.source and streams.stream = loads.stream
    left join raw_rows on streams.source = raw_rows.source and streams.stream = raw_rows.stream
    left join drifts on streams.source = drifts.source and streams.stream = drifts.stream
    left join stream_facts
        on streams.source = stream_facts.source and streams.stream = stream_facts.stream
    left join stream_unknowns
        on streams.source = stream_unknowns.source and streams.stream = stream_unknowns.stream
    left join double_entries on streams.source = double_entries.system
    where loads.source is not null or (streams.configured and not streams.is_file)
),

silos as (
    {%- for department, silo in silos.items() %}
    select
        '{{ department }}' as department,
        '{{ silo }}' as silo
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

silos_without_source as (
    select
        silos.department,
        silos.silo
    from silos
    left join covered on silos.department = covered.department
    where covered.department is null
),

listed as (
    select * from covered
    union all
    select
        department,
        'none' as source,
        'none' as stream,
        'not_configured' as status,
        cast(null as {{ dbt.type_timestamp() }}) as last_success,
        cast(null as {{ dbt.type_string() }}) as last_error,
        cast(null as {{ dbt.type_bigint() }}) as freshness_days,
        cast(null as {{ dbt.type_bigint() }}) as row_count,
        cast(null as {{ dbt.type_bigint() }}) as rejected_rows,
        cast(null as {{ dbt.type_bigint() }}) as rejected_cells,
        cast(null as double) as rejected_share,
        cast(null as {{ dbt.type_string() }}) as drift,
        cast(null as double) as campaign_share,
        cast(null as {{ dbt.type_bigint() }}) as negative_durations,
        cast(null as {{ dbt.type_string() }}) as unknown_values,
        cast(null as {{ dbt.type_bigint() }}) as likely_double_entries,
        {{ dbt.concat([
            "'no '", 'silo', "' source is on: its KPIs have no data until one is in sources.yml'"
        ]) }} as note
    from silos_without_source
),

final as (
    select
        listed.department,
        listed.source,
        listed.stream,
        coalesce(of_source.contact_name, of_department.contact_name) as contact_name,
        coalesce(of_source.contact, of_department.contact) as contact,
        listed.status,
        listed.last_success,
        listed.last_error,
        listed.freshness_days,
        listed.row_count as rows,
        listed.rejected_rows,
        listed.rejected_cells,
        listed.rejected_share,
        listed.drift,
        listed.campaign_share,
        listed.negative_durations,
        listed.unknown_values,
        listed.likely_double_entries,
        listed.note
    from listed
    left join owners_valid as of_source
        on listed.source = of_source.source and of_source.newest_of_source = 1
    left join owners_valid as of_department
        on listed.department = of_department.department and of_department.newest_of_department = 1
)

select * from final
order by department, source, stream
