{#- The platform that showed an ad of Meta's: Instagram and Threads are their own; Messenger and the
    network of other apps are Facebook's, and so is what nobody broke down. -#}
{% macro meta_platform(publisher) -%}
    case when {{ publisher }} in ('instagram', 'threads') then {{ publisher }} else 'facebook' end
{%- endmacro %}
