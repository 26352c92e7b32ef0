{#- The metrics layer: reads the semantic models and metrics of models/metrics/*.yml from dbt's graph
    and turns them into SQL. MetricFlow answers from the same YAML with the same figures. -#}

{#- Periods that a KPI is shown for: grain → its length in the unit that dates are moved by. -#}
{% macro kpi_grains() %}
    {% do return({
        'day': ['day', 1], 'week': ['day', 7], 'month': ['month', 1], 'quarter': ['month', 3],
        'year': ['month', 12]
    }) %}
{% endmacro %}

{#- Periods with their end and those that they are compared with, of rows with `period_grain` and
    `period_start`, as a CTE's body. -#}
{% macro kpi_periods(rows) -%}
    {%- for grain, (unit, length) in kpi_grains().items() %}
    select distinct
        period_grain,
        period_start,
        cast({{ dbt.dateadd('day', -1, dbt.dateadd(unit, length, 'period_start')) }} as date)
            as period_end,
        cast({{ dbt.dateadd(unit, -length, 'period_start') }} as date) as previous_start,
        cast({{ dbt.dateadd('day', -364, 'period_start') if unit == 'day'
            else dbt.dateadd('month', -12, 'period_start') }} as date) as year_ago_start
    from {{ rows }}
    where period_grain = '{{ grain }}'
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- Columns that every measure is summed by, in the order of metric_days. -#}
{% macro kpi_dimensions() %}
    {% do return(['platform', 'campaign', 'audience', 'message', 'channel_kind']) %}
{% endmacro %}

{#- 'AggregationType.SUM', 'sum' → 'sum': dbt hands enums over in either form. -#}
{% macro plain_name(value) %}{% do return((value | string).split('.')[-1] | lower) %}{% endmacro %}

{% macro sql_text(value) -%}
'{{ (value or '') | string | replace("'", "''") | replace('\n', ' ') | trim }}'
{%- endmacro %}

{% macro date_or_null(value) -%}
cast({% if value %}'{{ value }}'{% else %}null{% endif %} as date)
{%- endmacro %}

{#- Semantic models that own measures; one without (campaigns) only lends its attributes. -#}
{% macro measured_models() %}
    {% set found = [] %}
    {% for model in graph.semantic_models.values() | sort(attribute='name') if model.measures %}
        {% do found.append(model) %}
    {% endfor %}
    {% do return(found) %}
{% endmacro %}

{#- What one row adds to a measure; only sums can be added up again over days and slices. -#}
{% macro measure_sum(measure) %}
    {% set forms = {
        'sum': 'sum({})',
        'count': 'sum(case when ({}) is null then 0 else 1 end)',
        'sum_boolean': 'sum(case when {} then 1 else 0 end)'
    } %}
    {% set agg = plain_name(measure.agg) %}
    {% if agg not in forms %}
        {% do exceptions.raise_compiler_error(
            "measure " ~ measure.name ~ ": agg " ~ agg ~ " cannot be added up over days. "
            ~ "Use one of " ~ forms.keys() | join(', ') ~ "."
        ) %}
    {% endif %}
    {% set expr = measure.expr or measure.name %}
    {#- a word in quotes is a value and no column -#}
    {% set read = modules.re.sub("'[^']*'", '', expr) %}
    {% for column in not_additive() if modules.re.search('\\b' ~ column ~ '\\b', read) %}
        {% do exceptions.raise_compiler_error(
            "measure " ~ measure.name ~ ": " ~ column ~ " cannot be added up over days, the same "
            ~ "people would count twice. Read it from its fact, day by day, or sum what was gained "
            ~ "(followers_gained)."
        ) %}
    {% endfor %}
    {% do return(forms[agg].format(expr)) %}
{% endmacro %}

{#- Scans of facts, each with the measures that it sums: one per fact and time dimension. -#}
{% macro measure_scans() %}
    {% set scans = {} %}
    {% for model in measured_models() %}
        {% for measure in model.measures %}
            {% set named = measure.agg_time_dimension or model.defaults.agg_time_dimension %}
            {% set key = model.name ~ '_by_' ~ named %}
            {% if key not in scans %}
                {% set column = namespace(day=named) %}
                {% for dimension in model.dimensions if dimension.name == named and dimension.expr %}
                    {% set column.day = dimension.expr %}
                {% endfor %}
                {% do scans.update({key: {'model': model, 'day': column.day, 'measures': []}}) %}
            {% endif %}
            {% do scans[key].measures.append(measure) %}
        {% endfor %}
    {% endfor %}
    {% do return(scans) %}
{% endmacro %}

{#- Sums every measure to day × dimensions: one scan of each fact per time dimension, rows without
    a date in that dimension left out. Sums are decimals, so that no order of rows changes them.
    only: of these facts, all their days; else, on a night that keeps rows, days that were changed. -#}
{% macro metric_days(dimensions, only=none) %}
{%- if execute -%}
{%- set scans = {} -%}
{%- for name, scan in measure_scans().items()
    if only is none or scan.model.node_relation.alias in only -%}
    {%- do scans.update({name: scan}) -%}
{%- endfor -%}
with
{%- for name, scan in scans.items() %}
{{ name }} as (
    select
        cast({{ scan.day }} as date) as day,
        {{ dimensions | join(',\n        ') }},
        {%- for measure in scan.measures %}
        cast({{ measure_sum(measure) }} as decimal(38, 6)) as {{ measure.name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref(scan.model.node_relation.alias) }}
    where
        {{ scan.day }} is not null
        {%- if only is none and not all_anew() %}
        and {{ scan.day }} in (
            select changed.day from {{ ref('int_days__changed') }} as changed
            where changed.fact = '{{ scan.model.node_relation.alias }}'
        )
        {%- endif %}
    group by
        cast({{ scan.day }} as date),
        {{ dimensions | join(',\n        ') }}
),
{%- endfor %}
unpivoted as (
    {%- for name, scan in scans.items() %}
    {%- set outer = loop %}
    {%- for measure in scan.measures %}
    select
        day,
        {{ dimensions | join(', ') }},
        '{{ measure.name }}' as measure,
        {{ measure.name }} as value
    from {{ name }}
    where {{ measure.name }} is not null
    {{ 'union all' if not (outer.last and loop.last) }}
    {%- endfor %}
    {%- endfor %}
)
select
    day,
    {{ dimensions | join(',\n    ') }},
    measure,
    value
from unpivoted
order by
    day,
    {{ dimensions | join(',\n    ') }},
    measure
{%- else -%}
select 1 as day
{%- endif -%}
{% endmacro %}

{#- The measure behind one side of a KPI and the number it is divided by (seconds → days). -#}
{% macro kpi_side(kpi, name, metrics) %}
    {% set metric = metrics[name] %}
    {% set where = "KPI " ~ kpi ~ ": metric " ~ name %}
    {% if metric.filter %}
        {% do exceptions.raise_compiler_error(
            where ~ " has a filter. Put the condition into the expr of a measure of its own."
        ) %}
    {% endif %}
    {% set type = plain_name(metric.type) %}
    {% if type == 'simple' %}
        {% do return({'measure': metric.type_params.measure.name, 'divisor': 1}) %}
    {% endif %}
    {% set inputs = metric.type_params.metrics or [] %}
    {% set parts = (metric.type_params.expr or '').split('/') %}
    {% if type != 'derived' or inputs | length != 1 or parts | length != 2
        or parts[0] | trim != inputs[0].name or parts[1] | float == 0 %}
        {% do exceptions.raise_compiler_error(
            where ~ " is neither a sum (type simple) nor a change of unit (type derived, expr "
            ~ "'metric / number'). Write the KPI as a ratio of two such metrics."
        ) %}
    {% endif %}
    {% set side = kpi_side(kpi, inputs[0].name, metrics) %}
    {% do return({'measure': side.measure, 'divisor': side.divisor * parts[1] | float}) %}
{% endmacro %}

{#- Each measure in words: "sum of 1 in fct_applications by applied_on". -#}
{% macro measures_in_words() %}
    {% set words = {} %}
    {% for model in measured_models() %}
        {% for measure in model.measures %}
            {% do words.update({measure.name: plain_name(measure.agg) ~ ' of '
                ~ (measure.expr or measure.name) ~ ' in ' ~ model.node_relation.alias ~ ' by '
                ~ (measure.agg_time_dimension or model.defaults.agg_time_dimension)}) %}
        {% endfor %}
    {% endfor %}
    {% do return(words) %}
{% endmacro %}

{% macro side_in_words(side, words) %}
    {% do return(words[side.measure] ~ (' / ' ~ side.divisor if side.divisor != 1 else '')) %}
{% endmacro %}

{#- Every metric by its name. -#}
{% macro metrics_by_name() %}
    {% set found = {} %}
    {% for metric in graph.metrics.values() %}{% do found.update({metric.name: metric}) %}{% endfor %}
    {% do return(found) %}
{% endmacro %}

{#- Complains about an old version of a KPI that nobody could tell from the one in force. -#}
{% macro check_version(kpi, meta, metrics) %}
    {% set where = "KPI " ~ kpi ~ ": meta." %}
    {% if meta.version_of %}
        {% set newer = metrics[meta.version_of].config.meta if meta.version_of in metrics else {} %}
        {% if not newer.get('kpi') or newer.get('version_of') %}
            {% do exceptions.raise_compiler_error(
                where ~ "version_of is " ~ meta.version_of ~ ", which is no KPI in force. Name the "
                ~ "KPI that took its place."
            ) %}
        {% elif not newer.get('valid_from') or not meta.get('valid_to')
            or (meta.version or 1) >= (newer.version or 1) %}
            {% do exceptions.raise_compiler_error(
                where ~ "version_of: give this one valid_to, " ~ meta.version_of ~ " a higher "
                ~ "version, valid_from and a sentence in change."
            ) %}
        {% endif %}
    {% elif (meta.version or 1) > 1 and not (meta.valid_from and meta.change) %}
        {% do exceptions.raise_compiler_error(
            where ~ "version is " ~ meta.version ~ ". Say since when in valid_from and what "
            ~ "changed in change."
        ) %}
    {% endif %}
{% endmacro %}

{#- Complains in one sentence about meta that would make a KPI unreadable. -#}
{% macro check_kpi(kpi, meta, numerator, denominator, measures) %}
    {% set allowed = {
        'direction': ['up', 'down'],
        'interval': ['wilson', 'count', 'cost_per_count', 'mean', 'none'],
        'unit': ['count', 'rate', 'ratio', 'currency', 'days', 'hours', 'score'],
        'headline': ['social', 'conventional', 'unknown', 'total']
    } %}
    {% set where = "KPI " ~ kpi ~ ": meta." %}
    {% for key in ['goal', 'department', 'maturity_days'] if meta.get(key) is none %}
        {% do exceptions.raise_compiler_error(where ~ key ~ " is missing. Add it.") %}
    {% endfor %}
    {% for key, values in allowed.items() if (meta.get(key) | string | lower) not in values %}
        {% do exceptions.raise_compiler_error(
            where ~ key ~ " is " ~ meta.get(key) ~ ". Use one of " ~ values | join(', ') ~ "."
        ) %}
    {% endfor %}
    {% set interval = meta.interval | string | lower %}
    {% if (interval == 'count') == (denominator is not none) and interval != 'none' and not
        (interval in ['wilson', 'cost_per_count', 'mean'] and denominator is not none) %}
        {% do exceptions.raise_compiler_error(
            where ~ "interval " ~ interval ~ " does not fit. Use count for a plain count; wilson, "
            ~ "cost_per_count or mean for a ratio; none for anything else."
        ) %}
    {% endif %}
    {% if interval == 'mean' and numerator.measure ~ '_squared' not in measures %}
        {% do exceptions.raise_compiler_error(
            where ~ "interval mean needs a measure " ~ numerator.measure ~ "_squared beside "
            ~ numerator.measure ~ ". Add it to the same semantic model."
        ) %}
    {% endif %}
{% endmacro %}

{#- One row per KPI, read from the metrics with `meta: {kpi: true}`. -#}
{% macro kpi_definitions() %}
{%- if execute -%}
{%- set measures = measures_in_words() -%}
{%- set metrics = metrics_by_name() -%}
{%- set kpis = [] -%}
{%- for metric in metrics.values() | sort(attribute='name') if metric.config.meta.get('kpi') -%}
    {%- do kpis.append(metric) -%}
{%- endfor -%}
{%- for kpi in kpis %}
{%- set meta = kpi.config.meta -%}
{%- set is_ratio = plain_name(kpi.type) == 'ratio' -%}
{%- if kpi.filter -%}{%- do kpi_side(kpi.name, kpi.name, metrics) -%}{%- endif -%}
{%- if is_ratio -%}
    {%- set numerator = kpi_side(kpi.name, kpi.type_params.numerator.name, metrics) -%}
    {%- set denominator = kpi_side(kpi.name, kpi.type_params.denominator.name, metrics) -%}
{%- else -%}
    {%- set numerator = kpi_side(kpi.name, kpi.name, metrics) -%}
    {%- set denominator = none -%}
{%- endif -%}
{%- do check_kpi(kpi.name, meta, numerator, denominator, measures) -%}
{%- do check_version(kpi.name, meta, metrics) -%}
{%- set headline = meta.headline | string %}
{{ 'union all' if not loop.first }}
select
    '{{ kpi.name }}' as kpi,
    {{ sql_text(kpi.label or kpi.name) }} as label,
    {{ sql_text(kpi.description) }} as description,
    {{ sql_text(meta.goal) }} as goal,
    {{ sql_text(meta.department) }} as department,
    {{ sql_text(meta.unit) }} as unit,
    {{ sql_text(meta.direction) }} as direction,
    {{ sql_text(meta.interval | string | lower) }} as interval_method,
    cast({{ meta.maturity_days }} as {{ dbt.type_int() }}) as maturity_days,
    '{{ 'total' if headline == 'total' else 'channel_kind' }}' as headline_slice,
    '{{ 'all' if headline == 'total' else headline }}' as headline_value,
    {% if meta.beside %}{{ sql_text(meta.beside) }}{% else %}cast(null as {{ dbt.type_string() }}){% endif %} as beside_value,
    '{{ numerator.measure }}' as numerator_measure,
    {% if is_ratio %}'{{ denominator.measure }}'{% else %}cast(null as {{ dbt.type_string() }}){% endif %} as denominator_measure,
    {% if meta.interval == 'mean' %}'{{ numerator.measure }}_squared'{% else %}cast(null as {{ dbt.type_string() }}){% endif %} as squares_measure,
    cast({{ numerator.divisor }} as double) as numerator_divisor,
    cast({{ denominator.divisor if is_ratio else 1 }} as double) as denominator_divisor,
    {{ sql_text(side_in_words(numerator, measures) ~ (' ÷ ' ~ side_in_words(denominator, measures) if is_ratio else '')) }} as formula,
    {{ sql_text(meta.version_of or kpi.name) }} as version_of,
    {{ 'false' if meta.version_of else 'true' }} as is_current,
    cast({{ meta.version or 1 }} as {{ dbt.type_int() }}) as version,
    {{ date_or_null(meta.valid_from) }} as valid_from,
    {{ date_or_null(meta.valid_to) }} as valid_to,
    {% if meta.change %}{{ sql_text(meta.change) }}{% else %}cast(null as {{ dbt.type_string() }}){% endif %} as change
{%- endfor -%}
{%- else -%}
select 1 as kpi
{%- endif -%}
{% endmacro %}
