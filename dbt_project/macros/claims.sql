{#- Which of our measures answers what a platform claims. Written here and nowhere else: a claimed
    lead or application is answered by the leads and applications that came in, anything else
    (conversion, purchase, …) by the outcome of the campaign's goal (seed goals). -#}
{% macro claim_kind(claim) -%}
    case
        when lower({{ claim }}) like '%lead%' or lower({{ claim }}) like '%application%'
            then 'contact'
        else 'outcome'
    end
{%- endmacro %}

{#- Body of a CTE: claim_kind, goal (NULL: whatever the campaign's goal), measure. -#}
{% macro claim_answers() -%}
    select
        'contact' as claim_kind,
        cast(null as {{ dbt.type_string() }}) as goal,
        'applications' as measure

    union all

    select
        'contact' as claim_kind,
        cast(null as {{ dbt.type_string() }}) as goal,
        'leads' as measure

    union all

    select
        'outcome' as claim_kind,
        goal,
        outcome_measure as measure
    from {{ ref('goals') }}
{%- endmacro %}
