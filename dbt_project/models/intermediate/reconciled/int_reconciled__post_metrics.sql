{{ config(materialized=kept_table()) }}
{{- after('int_days__changed') -}}
{%- set entities = reconciled_entities() -%}
{%- set streams = reconciled_streams(entities) -%}
{%- set facts = entities['post_metrics'] -%}
{%- set none_named = "cast(null as " ~ dbt.type_string() ~ ")" -%}
with

staged as (

    {%- for one in streams if one.entity == 'post_metrics' and one.source == 'file_drop' %}
    {{ staged_lines(one, facts.sum) }}
    {%- endfor %}

),

entities as (

    {{ entity_counts('post_metrics', facts, streams) }}

),

facts as (

    {{ fact_lines('post_metrics', facts, streams) }}

),

{% for entity, fact, day, uncounted, measures in reconciled_measures()
    if entity == 'post_metrics' -%}
summed as (

    {{ fact_sums(fact, day, uncounted, measures) }}

),

sums as (

    select
        summed.day,
        summed.side,
        measures.measure,
        case measures.measure
            {%- for measure in measures %}
            when '{{ measure }}' then summed.{{ measure }}
            {%- endfor %}
        end as amount
    from summed
    cross join {{ words('measure', measures) }} as measures

),

{% endfor -%}
final as (

    {%- for lines in ['staged', 'facts'] %}
    select
        '{{ lines }}' as counted,
        layer_before,
        source,
        stream,
        sum_name,
        day,
        side,
        false as is_added,
        false as is_skipped,
        'rows' as measure,
        row_count,
        amount,
        cast(null as decimal(38, 4)) as amount_to_fact
    from {{ lines }}

    union all
    {% endfor %}
    select
        'entities' as counted,
        {{ none_named }} as layer_before,
        source,
        stream,
        {{ none_named }} as sum_name,
        day,
        'entities' as side,
        is_added,
        is_skipped,
        'rows' as measure,
        row_count,
        amount,
        amount_to_fact
    from entities

    union all

    select
        'sums' as counted,
        {{ none_named }} as layer_before,
        'all' as source,
        'post_metrics' as stream,
        {{ none_named }} as sum_name,
        day,
        side,
        false as is_added,
        false as is_skipped,
        measure,
        cast(null as {{ dbt.type_bigint() }}) as row_count,
        amount,
        cast(null as decimal(38, 4)) as amount_to_fact
    from sums

)

select * from final
