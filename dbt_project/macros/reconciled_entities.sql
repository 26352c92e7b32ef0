{#- Entity → the day of a row (or the moment, whose business day it is), what is summed beside counting, and its fact. fact_sum: what of the
    sum the fact must hold (days of a lifetime total are growth, so only counted days compare). -#}
{% macro reconciled_entities() %}
    {% do return({
        'posts': {'moment': 'published_at', 'fact': 'fct_posts',
            'fact_day': 'published_on'},
        'post_metrics': {'day': 'as_of', 'sum': 'likes', 'fact': 'fct_post_days',
            'fact_day': 'day', 'to_fact': "case when basis = 'daily' then likes end"},
        'account_metrics': {'day': 'as_of', 'fact': 'fct_account_days', 'fact_day': 'day'},
        'ad_performance': {'day': 'date', 'sum': 'spend', 'fact': 'fct_ad_days',
            'fact_day': 'day', 'fact_sum': 'spend_original'},
        'applications': {'moment': 'applied_at', 'fact': 'fct_applications',
            'fact_day': 'applied_on'},
        'leads': {'moment': 'created_at', 'fact': 'fct_leads',
            'fact_day': 'created_on'},
        'deals': {'moment': 'created_at', 'sum': 'amount', 'fact': 'fct_deals',
            'fact_day': 'created_on', 'fact_sum': 'amount_original'},
        'support_requests': {'moment': 'opened_at', 'fact': 'fct_support_requests',
            'fact_day': 'opened_on'},
        'orders': {'moment': 'ordered_at', 'sum': 'amount', 'fact': 'fct_orders',
            'fact_day': 'ordered_on', 'fact_sum': 'amount_original'},
        'costs': {'day': 'date', 'sum': 'amount', 'fact': 'fct_costs', 'fact_day': 'date',
            'fact_sum': 'amount_original'},
        'touchpoints': {'moment': 'touched_at', 'fact': 'fct_touchpoints',
            'fact_day': 'touched_on'},
    }) %}
{% endmacro %}
