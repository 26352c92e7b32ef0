{#- Lines of reconciliation: (layer_before, source, stream, sum_name, day, side, row_count, amount).
    side: going_on (in the layer before and expected in the next), a reason why it is not, after
    (found in the next layer) or added (in the next layer on purpose). -#}

{% macro reconciliation_reasons() %}
    {% do return([
        'rejected', 'failed_load', 'replaced', 'prospects', 'merged', 'deleted', 'unpublished',
        'counted_by_day', 'not_won', 'test_or_cancelled', 'without_goal', 'undated'
    ]) %}
{% endmacro %}

{% macro text_or_none(text) -%}
    {% if text %}'{{ text }}'{% else %}cast(null as {{ dbt.type_string() }}){% endif %}
{%- endmacro %}

{% macro quoted(names) -%}
    '{{ names | join("', '") }}'
{%- endmacro %}

{#- Sources of which a stream becomes rows of the entity. -#}
{% macro sources_of(entity, streams) -%}
    {%- set sources = [] -%}
    {%- for one in streams if one.entity == entity and one.source not in sources -%}
        {%- do sources.append(one.source) -%}
    {%- endfor -%}
    {{ quoted(sources) }}
{%- endmacro %}

{% macro line_head(layer_before, source, stream, sum_name) -%}
        '{{ layer_before }}' as layer_before,
        {{ source }} as source,
        {{ stream }} as stream,
        {{ text_or_none(sum_name) }} as sum_name
{%- endmacro %}

{#- A small table of one column, to turn columns into lines in one scan. -#}
{% macro words(column, names) -%}
    (
        {%- for name in names %}
        select '{{ name }}' as {{ column }}{{ ' union all' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{% macro line_sums(sum) -%}
        count(*) as row_count,
        {% if sum %}sum(cast({{ sum }} as decimal(18, 4))){% else %}cast(null as decimal(38, 4)){% endif %} as amount
{%- endmacro %}

{#- What rows are counted by first: their day, or the quarter of an hour of their moment, of which
    there are few. A quarter has one business day: that of each moment would cost a clock each. -#}
{% macro counted_at(facts) -%}
    {%- if not facts.moment -%}{{ facts.day }}
    {%- elif target.type == 'duckdb' -%}time_bucket(interval '15 minutes', {{ facts.moment }})
    {%- else -%}{{ facts.moment }}
    {%- endif -%}
{%- endmacro %}

{% macro day_counted(facts) -%}
    {{ business_day('counted_at') if facts.moment else 'counted_at' }}
{%- endmacro %}

{% macro summed_again(amount) -%}
        cast(sum(row_count) as {{ dbt.type_bigint() }}) as row_count,
        {% if amount %}sum(amount){% else %}cast(null as decimal(38, 4)){% endif %} as amount
{%- endmacro %}

{#- Rows of each attempt in each raw table. Raw is written before dbt runs. -#}
{% macro raw_attempts() %}
{%- set tables = [] -%}
{%- if execute -%}
    {%- for table in graph.get('sources', {}).values()
        if table.schema == 'raw' and '__' in table.identifier -%}
        {%- do tables.append(table) -%}
    {%- endfor -%}
{%- endif -%}
{%- for table in tables | sort(attribute='identifier') %}
    {%- set parts = table.identifier.split('__') %}
    select
        '{{ parts[0] }}' as source,
        '{{ parts[1:] | join('__') }}' as stream,
        _attempt as attempt,
        count(*) as row_count
    from {{ table.relation_name }}
    group by _attempt
    {{ 'union all' if not loop.last }}
{%- else %}
    select
        cast(null as {{ dbt.type_string() }}) as source,
        cast(null as {{ dbt.type_string() }}) as stream,
        cast(null as {{ dbt.type_string() }}) as attempt,
        cast(null as {{ dbt.type_bigint() }}) as row_count
{%- endfor -%}
{% endmacro %}

{#- Stream of an entity's row (or its fact's) by system: the main stream that it came from. -#}
{% macro stream_of(entity, streams) -%}
    {%- set whens = [] -%}
    {%- for one in streams if one.entity == entity and one.source != 'file_drop' -%}
        {%- do whens.append("when system = '" ~ one.source ~ "'" ~ (' and ' ~ one.when if one.when else '')
            ~ " then '" ~ one.stream ~ "'") -%}
    {%- endfor -%}
    {% if whens %}case {{ whens | join(' ') }} else '{{ entity }}' end{% else %}'{{ entity }}'{% endif %}
{%- endmacro %}

{#- Staged rows of a stream, each with the reason why it goes no further. -#}
{% macro staged_lines(one, sum_name) %}
    select
        {{ line_head('raw', "'" ~ one.source ~ "'", "'" ~ one.stream ~ "'", sum_name) }},
        {{ day_counted(one) }} as day,
        side,
        {{ summed_again(one.sum) }}
    from (
        select
            counted_at,
            side,
            {{ line_sums('amount' if one.sum else none) }}
        from (
            select
                {{ counted_at(one) }} as counted_at,
                {{ one.sum or 'null' }} as amount,
                {% if one.explained -%}
                case
                    {%- for reason, condition in one.explained.items() %}
                    when {{ condition }} then '{{ reason }}'
                    {%- endfor %}
                    else 'going_on'
                end
                {%- else %}'going_on'{% endif %} as side
            from {% if one.rows %}({{ one.rows }}){% else %}{{ ref('stg_' ~ one.source ~ '__' ~ one.stream) }}{% endif %} as staged
        ) as judged
        group by counted_at, side
    ) as counted
    group by {{ day_counted(one) }}, side
{% endmacro %}

{#- Rows of an entity: what raw has become, and what its fact must hold. -#}
{% macro entity_counts(entity, facts, streams) %}
    {%- set parts = ['source', 'stream', 'is_added', 'is_skipped'] | join(', ') %}
    select
        source,
        stream,
        {{ day_counted(facts) }} as day,
        is_added,
        is_skipped,
        {{ summed_again(facts.sum) }},
        {% if facts.sum %}sum(amount_to_fact){% else %}cast(null as decimal(38, 4)){% endif %} as amount_to_fact
    from (
        select
            {{ parts }},
            counted_at,
            {{ line_sums('amount' if facts.sum else none) }},
            {% if facts.sum %}sum(cast(to_fact as decimal(18, 4))){% else %}cast(null as decimal(38, 4)){% endif %} as amount_to_fact
        from (
            select
                system as source,
                {{ stream_of(entity, streams) }} as stream,
                {{ counted_at(facts) }} as counted_at,
                {{ facts.sum or 'null' }} as amount,
                {{ facts.to_fact or facts.sum or 'null' }} as to_fact,
                {%- set added = [] %}
                {%- for one in streams if one.entity == entity and one.added %}
                {%- do added.append('system = \'' ~ one.source ~ '\' and ' ~ one.added) %}
                {%- endfor %}
                {{ added | join(' or ') or 'false' }} as is_added,
                {{ 'is_counted_by_day' if entity == 'post_metrics' else 'false' }} as is_skipped
            from {% if entity == 'post_metrics' %}({{ readings_counted_by_day() }}){% else %}{{ ref('int_' ~ entity ~ '__unioned') }}{% endif %} as entities
        ) as placed
        group by {{ parts }}, counted_at
    ) as counted
    group by {{ parts }}, {{ day_counted(facts) }}
{% endmacro %}

{#- A lifetime reading makes no day of its own where the platform counted a day of its span. -#}
{% macro readings_counted_by_day() -%}
    {%- set has_readings -%}
        exists (
            select 1
            from {{ ref('int_post_metrics__totalled') }} as totals
            where
                totals.basis = 'lifetime'
                and {{ same('readings', 'totals', post_key()) }}
        )
    {%- endset -%}
    select
        *,
        basis = 'lifetime'
        and coalesce(last_daily > coalesce(last_reading, cast('0001-01-01' as date)), false)
            as is_counted_by_day
    from (
        select
            *,
            max(case when basis = 'daily' then as_of end) over (
                partition by {{ post_key() | join(', ') }}
                order by as_of
            ) as last_daily,
            lag(as_of) over (
                partition by {{ post_key() | join(', ') }}, basis
                order by as_of
            ) as last_reading
        from {{ ref('int_post_metrics__unioned') }} as readings
        where {{ has_readings }}

        union all

        select
            *,
            cast(null as date) as last_daily,
            cast(null as date) as last_reading
        from {{ ref('int_post_metrics__unioned') }} as readings
        where not {{ has_readings }}
    ) as metrics
    {%- if not all_anew() %}
    where {{ on_changed_days('readings', 'as_of') }}
    {%- endif %}
{%- endmacro %}

{#- Rows of an entity's fact. A post that is only measured is a fact, but no row of the entity. -#}
{% macro fact_lines(entity, facts, streams) %}
    select
        {{ line_head('entities', 'source', 'stream', facts.sum) }},
        day,
        side,
        {{ line_sums('amount' if facts.sum else none) }}
    from (
        select
            facts.system as source,
            {{ stream_of(entity, streams) }} as stream,
            facts.{{ facts.fact_day }} as day,
            {{ facts.to_fact or facts.fact_sum or 'null' }} as amount,
            {% if entity == 'posts' -%}
            case
                when exists (
                    select 1 from {{ ref('int_posts__unioned') }} as listed
                    where
                        facts.system = listed.system
                        and facts.platform = listed.platform
                        and facts.post_id = listed.post_id
                )
                    then 'after'
                else 'added'
            end as side
            {%- else -%}
            'after' as side
            {%- endif %}
        from {{ rows_counted(facts.fact) }} as facts
    ) as placed
    group by source, stream, day, side
{% endmacro %}

{#- Facts beside the measures that sum them: (entity, fact, day, reason and condition of rows that
    do not count, measures with their expression). Marts do not know the system: source is all. -#}
{% macro reconciled_measures() %}
    {% do return([
        ('applications', 'fct_applications', 'applied_on', {}, {'applications': '1'}),
        ('leads', 'fct_leads', 'created_on', {}, {'leads': '1'}),
        ('deals', 'fct_deals', 'coalesce(closed_on, created_on)',
            {'not_won': 'not coalesce(won, false)'}, {'won_deals': '1', 'won_revenue': 'amount'}),
        ('orders', 'fct_orders', 'ordered_on', {'test_or_cancelled': 'not is_order'},
            {'orders': '1', 'order_revenue': 'amount'}),
        ('support_requests', 'fct_support_requests', 'opened_on', {}, {'support_requests': '1'}),
        ('ad_performance', 'fct_ad_days', 'day', {},
            {'ad_impressions': 'impressions', 'ad_clicks': 'clicks', 'spend': 'spend'}),
        ('post_metrics', 'fct_post_days', 'day', {}, {'impressions': 'impressions',
            'likes': 'likes', 'comments': 'comments', 'shares': 'shares', 'saves': 'saves',
            'post_clicks': 'clicks', 'video_views': 'video_views', 'views': 'views',
            'engaged_views': 'engaged_views'}),
    ]) %}
{% endmacro %}

{#- Sums of a fact by day; side tells the rows that no measure counts. -#}
{% macro fact_sums(fact, day, uncounted, measures) %}
    select
        day,
        side,
        {%- for measure in measures %}
        sum(cast({{ measure }} as decimal(18, 4))) as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        select
            {{ day }} as day,
            case
                when {{ day }} is null then 'undated'
                {%- for reason, condition in uncounted.items() %}
                when {{ condition }} then '{{ reason }}'
                {%- endfor %}
                else 'going_on'
            end as side,
            {%- for measure, expression in measures.items() %}
            {{ expression }} as {{ measure }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ rows_counted(fact) }} as facts
    ) as judged
    group by day, side
{% endmacro %}

{#- Cost measures that the semantic models define, as a list of SQL texts. -#}
{% macro cost_measures_defined() -%}
    {{ quoted(measures_in_words().keys() if execute else []) }}
{%- endmacro %}

{#- A model's rows; of the two that hold days of posts, on a night that keeps rows, those of days that
    were changed (int_reconciled__post_metrics keeps the counts of the others). -#}
{% macro rows_counted(model) -%}
    {%- set days = {'stg_file_drop__post_metrics': 'as_of', 'fct_post_days': 'day'} -%}
    {%- if model not in days or all_anew() -%}
        {{ ref(model) }}
    {%- else -%}
        (select * from {{ ref(model) }} as days where {{ on_changed_days('readings', days[model]) }})
    {%- endif -%}
{%- endmacro %}

{#- What int_reconciled__post_metrics has counted, by the side of the double entry it stands on. -#}
{% macro counted(what, columns) %}
    select
        {{ columns | join(',\n        ') }}
    from {{ ref('int_reconciled__post_metrics') }}
    where counted = '{{ what }}'
{% endmacro %}
