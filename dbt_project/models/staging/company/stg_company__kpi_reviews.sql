select
    cast(kpi as {{ dbt.type_string() }}) as kpi,
    cast(campaign as {{ dbt.type_string() }}) as campaign,
    cast(lever as {{ dbt.type_string() }}) as lever,
    cast(decision as {{ dbt.type_string() }}) as decision,
    cast(date as date) as review_date,
    cast(effective_from as date) as effective_from,
    cast(next_review as date) as next_review
from {{ source('raw', 'company__kpi_reviews') }}
