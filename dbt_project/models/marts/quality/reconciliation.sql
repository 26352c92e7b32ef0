{#- Double entry: each layer writes lines of what it holds, by the side they stand on; the sides of
    a source, stream, day and measure must be equal. What is compared with what is listed in
    macros/sources.sql; the lines are in macros/reconciliation.sql. -#}
{{- after('int_days__changed') -}}
{%- set entities = reconciled_entities() -%}
{%- set streams = reconciled_streams(entities) -%}
{%- set measured = reconciled_measures() -%}
{%- set sides = ['going_on', 'failed_load', 'rejected', 'replaced', 'after'] -%}
{%- set reasons = reconciliation_reasons() -%}
{%- set line = [
    'layer_before', 'source', 'stream', 'sum_name', 'day', 'side', 'row_count', 'amount'
] -%}
{%- set entity_line = [
    'source', 'stream', 'day', 'is_added', 'is_skipped', 'row_count', 'amount', 'amount_to_fact'
] -%}
with

stg_ops__load_ledger as (

    select
        source,
        stream,
        attempt,
        status,
        rows_landed,
        rows_rejected,
        rows_replaced,
        window_last as day
    from {{ ref('stg_ops__load_ledger') }}

),

raw_attempts as (

    {{ raw_attempts() }}

),

goals as (

    select
        goal,
        cost_measure
    from {{ ref('goals') }}
    where cost_measure in ({{ cost_measures_defined() }})

),

attempts as (

    -- An attempt that an earlier version loaded has no count of replaced rows: it is what is left.
    select
        coalesce(ledger.source, raw_attempts.source) as source,
        coalesce(ledger.stream, raw_attempts.stream) as stream,
        ledger.day,
        raw_attempts.row_count as after,
        case when ledger.status = 'failed' then ledger.rows_landed else 0 end as failed_load,
        case when ledger.status = 'failed' then 0 else ledger.rows_rejected end as rejected,
        case
            when ledger.status = 'failed' then 0
            else coalesce(
                ledger.rows_replaced,
                ledger.rows_landed - ledger.rows_rejected - coalesce(raw_attempts.row_count, 0)
            )
        end as replaced,
        ledger.rows_landed as landed
    from stg_ops__load_ledger as ledger
    full join raw_attempts
        on
            ledger.source = raw_attempts.source
            and ledger.stream = raw_attempts.stream
            and ledger.attempt = raw_attempts.attempt

),

landed_lines as (

    select
        {{ line_head('landed', 'attempts.source', 'attempts.stream', none) }},
        attempts.day,
        sides.side,
        sum(
            case sides.side
                when 'failed_load' then attempts.failed_load
                when 'rejected' then attempts.rejected
                when 'replaced' then attempts.replaced
                when 'after' then attempts.after
                else
                    attempts.landed - attempts.failed_load - attempts.rejected - attempts.replaced
            end
        ) as row_count,
        cast(null as decimal(38, 4)) as amount
    from attempts
    cross join {{ words('side', sides) }} as sides
    group by attempts.source, attempts.stream, attempts.day, sides.side

),

staged_lines as (

    {%- for one in streams %}
    {%- if one.entity == 'post_metrics' and one.source == 'file_drop' %}
    {{ counted('staged', line) }}
    {%- else %}
    {{ staged_lines(one, entities[one.entity].sum) }}
    {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

{% for entity, facts in entities.items() -%}
{{ entity }} as (

    {% if entity == 'post_metrics' -%}
    {{ counted('entities', entity_line) }}
    {%- else -%}
    {{ entity_counts(entity, facts, streams) }}
    {%- endif %}

),

{% endfor -%}
entity_lines as (

    -- an entity's row is the end of one step and the start of the next
    {%- for entity, facts in entities.items() %}
    select
        steps.layer_before,
        {{ entity }}.source,
        {{ entity }}.stream,
        {{ text_or_none(facts.sum) }} as sum_name,
        {{ entity }}.day,
        case
            when steps.layer_before = 'entities' and {{ entity }}.is_skipped then 'counted_by_day'
            when steps.layer_before = 'entities' then 'going_on'
            when {{ entity }}.is_added then 'added'
            else 'after'
        end as side,
        {{ entity }}.row_count,
        case
            when steps.layer_before = 'entities' then {{ entity }}.amount_to_fact
            else {{ entity }}.amount
        end as amount
    from {{ entity }}
    cross join {{ words('layer_before', ['raw', 'entities']) }} as steps
    where
        steps.layer_before = 'entities'
        or {{ entity }}.source in ({{ sources_of(entity, streams) }})
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

fact_lines as (

    {%- for entity, facts in entities.items() %}
    {%- if entity == 'post_metrics' %}
    {{ counted('facts', line) }}
    {%- else %}
    {{ fact_lines(entity, facts, streams) }}
    {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

layers as (

    select * from landed_lines
    union all
    select * from staged_lines
    union all
    select * from entity_lines
    union all
    select * from fact_lines

),

{% for entity, fact, day, uncounted, measures in measured if entity != 'post_metrics' -%}
{{ fact }} as (

    {{ fact_sums(fact, day, uncounted, measures) }}

),

{% endfor -%}
measured as (

    {{ counted('sums', ["'post_metrics' as stream", 'measure', 'day', 'side', 'amount as value']) }}
    union all
    {%- for entity, fact, day, uncounted, measures in measured if entity != 'post_metrics' %}
    select
        '{{ entity }}' as stream,
        measures.measure,
        {{ fact }}.day,
        {{ fact }}.side,
        case measures.measure
            {%- for measure in measures %}
            when '{{ measure }}' then {{ fact }}.{{ measure }}
            {%- endfor %}
        end as value
    from {{ fact }}
    cross join {{ words('measure', measures) }} as measures
    union all
    {%- endfor %}
    select
        'costs' as stream,
        'cost' as measure,
        fct_ad_days.day,
        'going_on' as side,
        fct_ad_days.spend as value
    from {{ ref('fct_ad_days') }} as fct_ad_days
    union all
    select
        'costs' as stream,
        'cost' as measure,
        int_costs__spread.cost_on as day,
        'going_on' as side,
        int_costs__spread.amount as value
    from {{ ref('int_costs__spread') }} as int_costs__spread
    union all
    select
        'costs' as stream,
        'cost' as measure,
        costs.cost_on as day,
        moves.side,
        case moves.side when 'going_on' then -costs.amount else costs.amount end as value
    from {{ ref('int_costs__unified') }} as costs
    cross join {{ words('side', ['going_on', 'without_goal']) }} as moves
    left join goals
        on costs.goal = goals.goal
    where goals.goal is null

),

marts as (

    select
        metric_days.day,
        case
            {%- for entity, fact, day, uncounted, measures in measured %}
            when metric_days.measure in ({{ quoted(measures) }}) then '{{ entity }}'
            {%- endfor %}
            when goals.goal is not null then 'costs'
        end as stream,
        case when goals.goal is not null then 'cost' else metric_days.measure end as measure,
        metric_days.value
    from (
        select
            day,
            measure,
            sum(value) as value
        from {{ ref('metric_days') }}
        group by day, measure
    ) as metric_days
    left join goals
        on metric_days.measure = goals.cost_measure

),

valued as (

    select
        layers.layer_before,
        layers.source,
        layers.stream,
        case kinds.kind when 'rows' then 'rows' else layers.sum_name end as measure,
        layers.day,
        layers.side,
        case kinds.kind
            when 'rows' then cast(layers.row_count as decimal(38, 4))
            else layers.amount
        end as value
    from layers
    cross join {{ words('kind', ['rows', 'sum']) }} as kinds
    where kinds.kind = 'rows' or layers.sum_name is not null

    union all

    select
        'facts' as layer_before,
        'all' as source,
        stream,
        measure,
        day,
        side,
        value
    from measured
    where value is not null

    union all

    select
        'facts' as layer_before,
        'all' as source,
        stream,
        measure,
        day,
        'after' as side,
        value
    from marts
    where stream is not null

),

pivoted as (

    select
        layer_before,
        source,
        stream,
        measure,
        day,
        cast(coalesce(
            sum(case when side not in ('after', 'added') then value end), 0
        ) as decimal(38, 4)) as value_before,
        {%- for reason in reasons + ['added'] %}
        cast(coalesce(
            sum(case when side = '{{ reason }}' then value end), 0
        ) as decimal(38, 4)) as {{ reason }},
        {%- endfor %}
        cast(coalesce(
            sum(case when side in ('after', 'added') then value end), 0
        ) as decimal(38, 4)) as value_after
    from valued
    group by layer_before, source, stream, measure, day

),

final as (

    select
        source,
        stream,
        day,
        layer_before,
        case layer_before
            when 'landed' then 'raw'
            when 'raw' then 'entities'
            when 'entities' then 'facts'
            else 'marts'
        end as layer_after,
        measure,
        value_before,
        {%- for reason in reasons + ['added'] %}
        {{ reason }},
        {%- endfor %}
        value_after,
        cast(
            value_before
            {%- for reason in reasons %}
            - {{ reason }}
            {%- endfor %}
            + added
            - value_after
            as decimal(38, 4)
        ) as difference
    from pivoted

)

select * from final
order by source, stream, day, layer_before, measure
