select
    cast(loser_id as {{ dbt.type_string() }}) as loser_id,
    cast(winner_id as {{ dbt.type_string() }}) as winner_id,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('hubspot', 'deal_merges') }}
