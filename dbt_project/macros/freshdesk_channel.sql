{#- The name of a channel that Freshdesk itself knows by code; NULL for the company's own. -#}
{% macro freshdesk_channel(code) -%}
    case {{ code }}
        when 1 then 'email'
        when 2 then 'portal'
        when 3 then 'phone'
        when 4 then 'forum'
        when 5 then 'twitter'
        when 6 then 'facebook'
        when 7 then 'chat'
        when 8 then 'mobihelp'
        when 9 then 'feedback_widget'
        when 10 then 'outbound_email'
        when 11 then 'ecommerce'
        when 12 then 'bot'
        when 13 then 'whatsapp'
    end
{%- endmacro %}
