{#- When a conversation became a request: a contact began it, or answered what the company wrote;
    NULL where nobody answered. -#}
{% macro intercom_opened_at() -%}
    case
        when coalesce(delivered_as, 'customer_initiated') = 'customer_initiated' then created_at
        else contact_replied_at
    end
{%- endmacro %}
