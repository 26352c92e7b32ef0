{% test unique_grain(model, columns) %}
    {# Fails with every combination of `columns` that occurs twice or has a NULL in it. #}
    select
        {{ columns | join(', ') }},
        count(*) as row_count
    from {{ model }}
    group by {{ columns | join(', ') }}
    having
        count(*) > 1
        {%- for column in columns %}
        or {{ column }} is null
        {%- endfor %}
{% endtest %}
