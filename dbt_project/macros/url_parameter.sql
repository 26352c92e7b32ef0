{#- Decoded value of one query parameter of a URL; NULL when the URL has none or an empty one. -#}
{% macro url_parameter(column, parameter) -%}
    {{ return(adapter.dispatch('url_parameter')(column, parameter)) }}
{%- endmacro %}

{% macro duckdb__url_parameter(column, parameter) -%}
    nullif(
        trim(
            url_decode(
                replace(
                    regexp_extract({{ column }}, '[?&#](?i:{{ parameter }})=([^&#]*)', 1),
                    '+',
                    ' '
                )
            )
        ),
        ''
    )
{%- endmacro %}
