{#- A table on Spark whose CTEs are built one after the other. Spark plans a CTE anew, with all below
    it, wherever it is read: a chain that reads each step twice doubles its plan with every step. So
    what is read more than once is stored until the table is there, the rest becomes a view of the
    session. The model's text is that of DuckDB; as everywhere here, `name as (` and its `)` begin a
    line. -#}
{% materialization stepwise, adapter='spark' %}
    {%- set target_table = this.incorporate(type='table') -%}
    {%- set stored = [] -%}
    {{ run_hooks(pre_hooks) }}
    {%- for name, body in modules.re.findall(
        '(?ms)^(\\w+) as \\(\\n(.*?)^\\)(?=,?\\s*(?:--[^\\n]*\\s*)*(?:\\w+ as \\(|select))', sql) -%}
        {%- if modules.re.findall('\\b(?:from|join)\\s+' ~ name ~ '\\b', sql) | length > 1 -%}
            {%- set kept = api.Relation.create(
                schema=this.schema, identifier=this.identifier ~ '__' ~ name, type='table'
            ) -%}
            {%- do stored.append(kept) -%}
            {%- do run_query('drop table if exists ' ~ kept) -%}
            {%- do run_query('create table ' ~ kept ~ ' using parquet as ' ~ body) -%}
            {%- set body = 'select * from ' ~ kept -%}
        {%- endif -%}
        {%- do run_query('create or replace temporary view ' ~ name ~ ' as ' ~ body) -%}
    {%- endfor -%}
    {%- do run_query('drop table if exists ' ~ target_table) -%}
    {%- call statement('main') -%}
        {{ create_table_as(False, target_table, modules.re.split('(?m)^\\)(?=\\s*select)', sql)[-1]) }}
    {%- endcall -%}
    {%- for kept in stored -%}
        {%- do run_query('drop table ' ~ kept) -%}
    {%- endfor -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target_table]}) }}
{% endmaterialization %}
