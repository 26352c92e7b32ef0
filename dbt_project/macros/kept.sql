{#- What a night keeps of the last build, so that its cost follows what is new. extractors/news.py
    says in ops.build whether it may; then the models int_*__changed say what must be made anew, and
    a model of materialization `kept` takes exactly those rows out (leaving) and puts what its SQL
    yields in their place. See docs/decisions/0040. -#}

{#- Whether this build makes every row anew: asked once, and then noted in dbt's graph. -#}
{% macro all_anew() -%}
    {%- if not execute or target.type != 'duckdb' -%}
        {{ return(true) }}
    {%- endif -%}
    {%- if 'all_anew' not in graph -%}
        {%- set anew = true -%}
        {%- if adapter.get_relation(target.database, 'ops', 'build') -%}
            {%- set said = 'select anew_because is not null or finished from ops.build' -%}
            {%- set anew = run_query(said).columns[0].values()[0] -%}
        {%- endif -%}
        {%- do graph.update({'all_anew': anew}) -%}
    {%- endif -%}
    {{ return(graph['all_anew']) }}
{%- endmacro %}

{#- A run by hand, after a build has ended, may leave some tables newer than others: the next build
    makes all anew. -#}
{% macro note_run_by_hand() -%}
    {%- set build = adapter.get_relation(target.database, 'ops', 'build') if execute -%}
    {%- if build and target.type == 'duckdb'
        and 'fingerprint' in adapter.get_columns_in_relation(build) | map(attribute='name') -%}
        update ops.build set fingerprint = null where finished
    {%- endif -%}
{%- endmacro %}

{#- How a model is stored that may keep rows; Spark makes all anew. -#}
{% macro kept_table() -%}
    {{ return('kept' if target.type == 'duckdb' else 'table') }}
{%- endmacro %}

{#- What the last build made of a model; its columns are the model's. -#}
{% macro as_kept(model, schema) -%}
    {{ return(api.Relation.create(
        database=target.database, schema=generate_schema_name(schema), identifier=model
    )) }}
{%- endmacro %}

{% macro post_key() -%}
    {{ return(['system', 'platform', 'post_id']) }}
{%- endmacro %}

{% macro reading_key() -%}
    {{ return(post_key() + ['as_of', 'basis']) }}
{%- endmacro %}

{#- a.x = b.x and a.y = b.y ... -#}
{% macro same(one, other, columns) -%}
    {%- for column in columns -%}
        {{ one }}.{{ column }} = {{ other }}.{{ column }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- Names a model that only a night that keeps rows reads, so that dbt makes it first. -#}
{% macro after(model) -%}
    {%- if not execute -%}{%- do ref(model) -%}{%- endif -%}
{%- endmacro %}

{% macro after_all(models) -%}
    {%- for model in models -%}{{- after(model) -}}{%- endfor -%}
{%- endmacro %}

{#- Which rows of a model tonight's rows replace. -#}
{% macro leaving(model, kept='kept') -%}
    {%- if model == 'fct_post_days' -%}
        {{ of_changed_posts(kept, 'day') }}
    {%- elif model == 'metric_days' -%}
        {{ of_changed_sums(kept) }}
    {%- elif model == 'kpi_values' -%}
        {{ of_changed_periods(kept) }}
    {%- elif model == 'int_campaigns__engaged_days' -%}
        {{ on_changed_days('fct_post_days', kept ~ '.day') }}
    {%- elif model == 'int_reconciled__post_metrics' -%}
        {{ on_changed_days('readings', kept ~ '.day') }}
    {%- elif model in facts_of_conversions() -%}
        {%- set conversion = facts_of_conversions()[model] -%}
        {{ of_changed_conversions(kept, conversion.id, conversion.kind) }}
    {%- elif model == 'fct_attributed_conversions' -%}
        ({{ kept }}.touches > 1 or {{ of_changed_conversions(kept) }})
    {%- elif model in ['int_conversions__last_touched', 'int_conversions__attributed', 'int_journeys__touched'] -%}
        {{ of_changed_conversions(kept) }}
    {%- else -%}
        {%- set renewed, key = {
            'int_post_metrics__unioned': ('int_post_metrics__changed', reading_key()),
            'int_post_metrics__totalled': ('int_post_metrics__changed', post_key()),
            'int_posts__unioned': ('int_posts__relisted', post_key()),
            'int_posts__resolved': ('int_posts__renewed', post_key()),
            'fct_posts': ('int_posts__renewed', post_key()),
            'int_applications__unioned': ('int_applications__changed', ['system', 'application_id']),
            'int_leads__unioned': ('int_leads__changed', ['system', 'lead_id']),
            'int_deals__unioned': ('int_deals__changed', ['system', 'deal_id']),
            'int_orders__unioned': ('int_orders__changed', ['system', 'order_id']),
            'int_support_requests__unioned': ('int_support_requests__changed', ['system', 'request_id']),
            'int_touchpoints__unioned': ('int_touchpoints__changed', ['system', 'touch_id']),
            'int_touchpoints__resolved': ('int_touchpoints__changed', ['system', 'touch_id']),
            'fct_touchpoints': ('int_touchpoints__changed', ['system', 'touch_id']),
        }[model] -%}
        exists (
            select 1
            from {{ ref(renewed) }} as renewed
            where {{ same(kept, 'renewed', key) }}
        )
    {%- endif -%}
{%- endmacro %}

{#- Of `rows` only those that tonight's rows of a model are made of; all where all is made anew. -#}
{% macro narrowed(model, rows) -%}
    {%- if not execute -%}
        {%- do leaving(model, rows) -%}
    {%- elif not all_anew() -%}
    where {{ leaving(model, rows) }}
    {%- endif -%}
{%- endmacro %}

{#- Condition: the post was changed, and the day is not before the first day that may be other.
    whole: all days of a post whose days are the growth between readings; untold: only of posts of
    which days are other that nothing was told of. -#}
{% macro of_changed_posts(rows, day, whole=false, untold=false) -%}
    {%- set changed = ref('int_posts__changed') -%}
    {%- if untold -%}
        {%- set changed = '(select * from ' ~ changed ~ ' where has_moved or has_readings)' -%}
    {%- endif -%}
    {%- set first = 'case when has_readings then least(since, read_since) else since end' -%}
    {{ rows }}.{{ day }} >= {{ earliest('select min(' ~ (first if whole else 'since') ~ ') from ' ~ changed ~ ' as changed') }}
    and exists (
        select 1
        from {{ changed }} as changed
        where
            {{ same(rows, 'changed', post_key()) }}
            and ({{ rows }}.{{ day }} >= changed.since{{ ' or changed.has_readings' if whole }})
    )
{%- endmacro %}

{#- The day that a query finds as text: a plain date lets DuckDB pass over what is older without
    reading it. No day found: none is to be read. -#}
{% macro earliest(query) -%}
    date '{{ run_query(query).columns[0].values()[0] or '9999-12-31' }}'
{%- endmacro %}

{#- Of the readings only those of posts that must be summed from all of them; of the others that have
    news the sum as it was, as one more row, and the days that came to it. -#}
{% macro of_resummed_posts(readings) -%}
    {{- after_all(['int_posts__resummed', 'int_post_metrics__changed']) -}}
    {%- if not all_anew() -%}
    {%- set resummed = ref('int_posts__resummed') -%}
    {%- set columns = entity_columns('post_metrics') | map(attribute='name') | list -%}
    where
        {{ readings }}.as_of >= {{ earliest('select min(since) from ' ~ resummed) }}
        and exists (select 1 from {{ resummed }} as resummed where {{ same(readings, 'resummed', post_key()) }})
    {%- for rows, first_on in [
        (ref('int_post_metrics__changed'), 'as_of'),
        (as_kept('int_post_metrics__totalled', 'intermediate'), 'first_on')
    ] %}

    union all

    select
        {{ columns | join(',\n        ') }},
        {{ first_on }}
    from {{ rows }} as added
    where
        not exists (select 1 from {{ resummed }} as resummed where {{ same('added', 'resummed', post_key()) }})
        {%- if first_on == 'first_on' %}
        and {{ leaving('int_post_metrics__totalled', 'added') }}
        {%- endif %}
    {%- endfor %}
    {%- endif -%}
{%- endmacro %}

{#- Rows of a fact whose day was changed, as a condition; without a day always. -#}
{% macro on_changed_days(fact, day) -%}
    (
        {{ day }} is null
        or {{ day }} in (
            select changed.day from {{ ref('int_days__changed') }} as changed
            where changed.fact = '{{ fact }}'
        )
    )
{%- endmacro %}

{#- Days that were kept and that no source will tell again from tonight on. -#}
{% macro become_final(relation) -%}
    {%- if not all_anew() %}
    update {{ relation }} as days set is_final = true
    where
        not is_final
        and {{ dbt.datediff('days.day', '(select run.business_date from ops.run as run)', 'day') }} >= (
            select max(sources.lookback_days)
            from ops.sources as sources
            where
                days.system = sources.source
                and days.basis = sources.basis
        )
    {%- endif -%}
{%- endmacro %}
