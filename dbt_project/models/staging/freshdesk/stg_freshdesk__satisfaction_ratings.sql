select
    cast(rating_id as {{ dbt.type_string() }}) as rating_id,
    cast(ticket_id as {{ dbt.type_string() }}) as ticket_id,
    cast(score as {{ dbt.type_bigint() }}) as score,
    {{ utc_timestamp('created_at') }} as rated_at,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('freshdesk', 'satisfaction_ratings') }}
