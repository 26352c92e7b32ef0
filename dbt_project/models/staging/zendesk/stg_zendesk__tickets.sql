select
    cast(ticket_id as {{ dbt.type_string() }}) as ticket_id,
    cast(requester_id as {{ dbt.type_string() }}) as requester_pid,
    cast(channel as {{ dbt.type_string() }}) as channel,
    cast(status as {{ dbt.type_string() }}) as status,
    cast(type as {{ dbt.type_string() }}) as ticket_type,
    cast(satisfaction_score as {{ dbt.type_string() }}) as satisfaction_score,
    cast(reply_minutes as {{ dbt.type_bigint() }}) as first_reply_minutes,
    cast(is_merged as boolean) as is_merged,
    {{ utc_timestamp('created_at') }} as created_at,
    {{ utc_timestamp('solved_at') }} as solved_at,
    {{ utc_timestamp('_fetched_at') }} as fetched_at
from {{ landed('zendesk', 'tickets') }}
