with

stg_intercom__conversations as (

    select
        conversation_id,
        contact_pid,
        source_type,
        state,
        first_tag,
        rating,
        admin_replied_at,
        closed_at,
        {{ intercom_opened_at() }} as opened_at
    from {{ ref('stg_intercom__conversations') }}

),

requests as (

    -- What the company wrote and nobody answered is no request.
    select
        *,
        state = 'closed' as is_resolved
    from stg_intercom__conversations
    where opened_at is not null

),

final as (

    -- resolved_at: the platform keeps the time of closing when a conversation is opened again.
    select
        'intercom' as system,
        conversation_id as request_id,
        opened_at,
        source_type as channel,
        state as status,
        is_resolved as resolved,
        case when is_resolved then closed_at end as resolved_at,
        admin_replied_at as first_response_at,
        contact_pid as person,
        first_tag as topic,
        case when rating between 1 and 5 then cast(rating - 1 as double) / 4 end as satisfaction,
        cast(null as {{ dbt.type_string() }}) as handed_platform,
        cast(null as {{ dbt.type_string() }}) as handed_campaign
    from requests

)

select
    {{ entity_select('support_requests') }}
from final
