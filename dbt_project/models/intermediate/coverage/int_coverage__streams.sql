{%- set areas = {
    'social': 'marketing', 'ads': 'marketing', 'recruiting': 'hr', 'crm': 'sales',
    'support': 'support', 'shop': 'commerce', 'money': 'finance'
} -%}
{#- An API is asked every night; people export files once a month. -#}
{%- set stale_after_days = {'api': 2, 'files': 35} -%}

with stg_ops__sources as (
    select
        source,
        stream,
        area,
        configured,
        source in ('company', 'file_drop') as is_file
    from {{ ref('stg_ops__sources') }}
),

entities as (
    {%- for entity in covered_entities() %}
    select
        '{{ entity.stream }}' as stream,
        '{{ entity.department }}' as department,
        {% if entity.record %}'{{ entity.record }}'
        {%- else %}cast(null as {{ dbt.type_string() }}){% endif %} as record
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

final as (
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
            when stg_ops__sources.is_file then {{ stale_after_days.files }}
            else {{ stale_after_days.api }}
        end as stale_after_days,
        stg_ops__sources.is_file,
        stg_ops__sources.configured,
        entities.record
    from stg_ops__sources
    left join entities
        on stg_ops__sources.source = 'file_drop' and stg_ops__sources.stream = entities.stream
)

select * from final
