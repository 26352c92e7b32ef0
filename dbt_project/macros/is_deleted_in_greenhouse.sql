{#- Whether an application is in the system no more: the newest whole list of ids lacks it and was
    begun after it was read last. Without a list, nothing is known to be deleted. -#}
{% macro is_deleted_in_greenhouse() -%}
    coalesce(
        application_id not in (
            select listed.application_id from {{ ref('stg_greenhouse__application_ids') }} as listed
        )
        and fetched_at < (
            select min(listed.fetched_at)
            from {{ ref('stg_greenhouse__application_ids') }} as listed
        ),
        false
    )
{%- endmacro %}
