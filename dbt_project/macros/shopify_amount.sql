{#- What a Shopify order came to. Once money was given back: what was paid less that. Else the
    current total, which follows edits and returned goods, but not money given back for no goods. -#}
{% macro shopify_amount() -%}
    case
        when {{ name_key('financial_status') }} in ('partially_refunded', 'refunded')
            then net_payment
        else current_total
    end
{%- endmacro %}
