{#- Entities in the order of the file drop, as data_coverage sees them: the department whose work
    they describe, what names seen in their rows are recorded as, and their fact. -#}
{% macro covered_entities() -%}
    {%- set found = [] -%}
    {%- for stream, department, record, fact in [
        ('posts', 'marketing', 'post', 'fct_posts'),
        ('post_metrics', 'marketing', none, none),
        ('account_metrics', 'marketing', 'account', none),
        ('ad_performance', 'marketing', 'ad', 'fct_ad_days'),
        ('applications', 'hr', 'application', 'fct_applications'),
        ('leads', 'sales', 'lead', 'fct_leads'),
        ('deals', 'sales', 'deal', 'fct_deals'),
        ('support_requests', 'support', 'support_request', 'fct_support_requests'),
        ('orders', 'commerce', 'order', 'fct_orders'),
        ('costs', 'finance', 'cost', 'fct_costs'),
        ('touchpoints', 'marketing', 'touchpoint', 'fct_touchpoints')
    ] -%}
        {%- do found.append(
            {'stream': stream, 'department': department, 'record': record, 'fact': fact}
        ) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
