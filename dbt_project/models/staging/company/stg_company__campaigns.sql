select
    cast(campaign as {{ dbt.type_string() }}) as campaign,
    cast(goal as {{ dbt.type_string() }}) as goal,
    cast(department as {{ dbt.type_string() }}) as department,
    cast(platform as {{ dbt.type_string() }}) as platform,
    cast(audience as {{ dbt.type_string() }}) as audience,
    cast(message as {{ dbt.type_string() }}) as message,
    cast(utm_campaign as {{ dbt.type_string() }}) as utm_campaign,
    cast(external_ids as {{ dbt.type_string() }}) as external_ids,
    cast(starts as date) as starts,
    cast(ends as date) as ends
from {{ source('raw', 'company__campaigns') }}
