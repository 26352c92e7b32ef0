{#- The five columns of a conversion's answer, in the order of every fact. -#}
{% macro answer_columns() -%}
    attributed.platform,
        attributed.campaign,
        attributed.audience,
        attributed.message,
        attributed.channel_kind,
        attributed.campaign_goal,
        attributed.attribution_rule
{%- endmacro %}

{#- The answers for one kind of conversion, as a CTE's body. -#}
{% macro answers_of(kind) -%}
    select
        system,
        conversion_id,
        platform,
        campaign,
        audience,
        message,
        channel_kind,
        campaign_goal,
        attribution_rule
    from {{ ref('int_conversions__attributed') }}
    where conversion_kind = '{{ kind }}'
{%- endmacro %}
