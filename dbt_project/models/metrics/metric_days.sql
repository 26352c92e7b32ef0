{{ config(materialized=kept_table()) }}
{{- after('int_days__changed') -}}
-- dbt cannot see the facts that the macro reads from the semantic models: each is named here.
-- depends_on: {{ ref('fct_account_days') }}
-- depends_on: {{ ref('fct_ad_days') }}
-- depends_on: {{ ref('fct_applications') }}
-- depends_on: {{ ref('fct_deals') }}
-- depends_on: {{ ref('fct_leads') }}
-- depends_on: {{ ref('fct_orders') }}
-- depends_on: {{ ref('fct_post_days') }}
-- depends_on: {{ ref('fct_support_requests') }}
-- depends_on: {{ ref('int_clicks__unified') }}
-- depends_on: {{ ref('int_costs__unified') }}
-- depends_on: {{ ref('int_revenue__unified') }}
{{ metric_days(kpi_dimensions()) }}
