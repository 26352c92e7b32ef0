{#- Which conversions, days and periods of KPIs a night makes anew (macros/kept.sql, decision 0040). -#}

{#- Conversions as entities: kind, entity, key, moment, and the column that names their source. -#}
{% macro conversion_kinds() -%}
    {%- set kinds = [] -%}
    {%- for kind, entity, id, moment, source in [
        ('application', 'applications', 'application_id', 'applied_at', 'source'),
        ('lead', 'leads', 'lead_id', 'created_at', 'source'),
        ('deal', 'deals', 'deal_id', 'created_at', 'source'),
        ('order', 'orders', 'order_id', 'ordered_at', 'source'),
        ('support_request', 'support_requests', 'request_id', 'opened_at', 'channel'),
    ] -%}
        {%- do kinds.append(
            {'kind': kind, 'entity': entity, 'id': id, 'moment': moment, 'source': source}
        ) -%}
    {%- endfor -%}
    {{ return(kinds) }}
{%- endmacro %}

{#- Conversions from all systems, and what says which are new, other or gone. -#}
{% macro conversion_models() -%}
    {%- set models = [] -%}
    {%- for one in conversion_kinds() -%}
        {%- do models.extend(['int_' ~ one.entity ~ '__changed', 'int_' ~ one.entity ~ '__unioned']) -%}
    {%- endfor -%}
    {{ return(models) }}
{%- endmacro %}

{#- Fact → its kind of conversion. -#}
{% macro facts_of_conversions() -%}
    {%- set facts = {} -%}
    {%- for one in conversion_kinds() -%}{%- do facts.update({'fct_' ~ one.entity: one}) -%}{%- endfor -%}
    {{ return(facts) }}
{%- endmacro %}

{#- Condition: the conversion is made anew tonight; kind: where the rows are all of one kind. -#}
{% macro of_changed_conversions(rows, id='conversion_id', kind=none) -%}
    exists (
            select 1
            from {{ ref('int_conversions__changed') }} as changed
            where
                changed.conversion_kind = {% if kind %}'{{ kind }}'{% else %}{{ rows }}.conversion_kind{% endif %}
                and {{ rows }}.system = changed.system
                and {{ rows }}.{{ id }} = changed.conversion_id
        )
{%- endmacro %}

{#- And of the persons whose conversions are made anew tonight. -#}
{% macro and_of_changed_persons() -%}
    {%- if not execute -%}
        {%- do ref('int_conversions__changed') -%}
    {%- elif not all_anew() %}
        and person in (select changed.person from {{ ref('int_conversions__changed') }} as changed)
    {%- endif -%}
{%- endmacro %}

{#- The greatest number that kept rows have, after which tonight's are numbered. -#}
{% macro last_kept_number(model, column) -%}
    {% if all_anew() %}0{% else -%}
    (select coalesce(max(kept.{{ column }}), 0) from {{ as_kept(model, 'intermediate') }} as kept)
    {%- endif %}
{%- endmacro %}

{#- Some of the measured facts, by the columns that give the day of a measure. -#}
{% macro days_of_measures(only) -%}
    {%- set found = [] -%}
    {%- for scan in measure_scans().values() -%}
        {%- set alias = scan.model.node_relation.alias -%}
        {%- if alias in only -%}
            {%- do found.append({'fact': alias, 'day': scan.day}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{#- Facts whose sums of every day are compared with the last build's: their rows are made anew. -#}
{% macro compared_facts() -%}
    {{ return(['fct_account_days', 'fct_ad_days', 'int_costs__unified', 'int_revenue__unified']) }}
{%- endmacro %}

{#- Days of conversions that are made anew, of the facts as they are (or as they were). -#}
{% macro days_of_changed_conversions(as_they_were=false) -%}
    {%- for one in days_of_measures(facts_of_conversions()) %}
    select
        '{{ one.fact }}' as fact,
        facts.{{ one.day }} as day
    from {{ as_kept(one.fact, 'marts') if as_they_were else ref(one.fact) }} as facts
    where
        facts.{{ one.day }} is not null
        and {{ leaving(one.fact, 'facts') }}
    {{ 'union distinct' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- Measures that sum one of these facts. -#}
{% macro measures_of(facts) -%}
    {%- set names = [] -%}
    {%- for model in measured_models() if model.node_relation.alias in facts -%}
        {%- do names.extend(model.measures | map(attribute='name') | list) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}

{#- Fact of a measure, as an expression. -#}
{% macro fact_of_measure(measure) -%}
    case
        {%- for model in measured_models() %}
        when {{ measure }} in ({{ quoted(model.measures | map(attribute='name') | list) }})
            then '{{ model.node_relation.alias }}'
        {%- endfor %}
    end
{%- endmacro %}

{#- Condition: tonight sums this measure's day anew. -#}
{% macro of_changed_sums(kept) -%}
    exists (
        select 1
        from {{ ref('int_days__changed') }} as changed
        where
            {{ kept }}.day = changed.day
            and {{ fact_of_measure(kept ~ '.measure') if execute }} = changed.fact
    )
{%- endmacro %}

{#- Condition: tonight sums a day of this period anew, or of one that it is compared with. -#}
{% macro of_changed_periods(kept) -%}
    (
        {{ kept }}.period_grain = 'all'
        or exists (
            select 1
            from {{ ref('int_kpis__periods_changed') }} as changed
            where
                {{ kept }}.period_grain = changed.period_grain
                and {{ kept }}.period_start = changed.period_start
        )
    )
{%- endmacro %}

{#- Only days of periods that tonight sums anew. -#}
{% macro in_changed_periods(grain, day) -%}
    {%- if not all_anew() -%}
    where cast({{ dbt.date_trunc(grain, day) }} as date) in (
        select changed.period_start
        from {{ ref('int_kpis__periods_changed') }} as changed
        where changed.period_grain = '{{ grain }}'
    )
    {%- endif -%}
{%- endmacro %}
