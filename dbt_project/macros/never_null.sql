{% test never_null(model, columns) %}
    {# Fails with every row in which one of `columns` is NULL. #}
    select {{ columns | join(', ') }}
    from {{ model }}
    where
        {%- for column in columns %}
        {{ 'or ' if not loop.first }}{{ column }} is null
        {%- endfor %}
{% endtest %}
