select
    cast(opportunity_id as {{ dbt.type_string() }}) as opportunity_id,
    cast(campaign_id as {{ dbt.type_string() }}) as campaign_id,
    cast(lead_source as {{ dbt.type_string() }}) as lead_source,
    cast(currency as {{ dbt.type_string() }}) as currency,
    cast(utm_source as {{ dbt.type_string() }}) as utm_source,
    cast(utm_medium as {{ dbt.type_string() }}) as utm_medium,
    cast(utm_campaign as {{ dbt.type_string() }}) as utm_campaign,
    cast(utm_content as {{ dbt.type_string() }}) as utm_content,
    cast(amount as decimal(18, 4)) as amount,
    cast(is_closed as boolean) as is_closed,
    cast(is_won as boolean) as is_won,
    cast(is_deleted as boolean) as is_deleted,
    cast(closes_on as date) as closes_on,
    {{ utc_timestamp('created_at') }} as created_at,
    {{ utc_timestamp('modified_at') }} as modified_at,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('salesforce', 'opportunities') }}
