{{ config(materialized=kept_table()) }}
{{- after('int_days__left') -}}
with

int_support_requests__unioned as (

    select
        {{ entity_select('support_requests') }}
    from {{ ref('int_support_requests__unioned') }}
    {{ narrowed('fct_support_requests', 'int_support_requests__unioned') }}

),

attributed as (

    {{ answers_of('support_request') }}

),

flagged as (

    select
        *,
        case
            when resolved is not null then resolved
            when resolved_at is not null then true
        end as was_resolved,
        -- a reopened request keeps the date of its first end: that is no resolution
        case when resolved is null or resolved then resolved_at end as ended_at
    from int_support_requests__unioned

),

final as (

    select
        requests.system,
        requests.request_id,
        requests.channel,
        requests.status,
        requests.person,
        requests.topic,
        {{ answer_columns() }},
        requests.was_resolved as resolved,
        requests.satisfaction,
        case
            when requests.ended_at >= requests.opened_at
                then cast(
                    {{ dbt.datediff('requests.opened_at', 'requests.ended_at', 'second') }}
                    as {{ dbt.type_bigint() }}
                )
        end as seconds_to_resolution,
        case
            when requests.first_response_at >= requests.opened_at
                then cast(
                    {{ dbt.datediff('requests.opened_at', 'requests.first_response_at', 'second') }}
                    as {{ dbt.type_bigint() }}
                )
        end as seconds_to_first_response,
        -- a missing date is no negative duration
        coalesce(requests.ended_at < requests.opened_at, false)
        or coalesce(requests.first_response_at < requests.opened_at, false)
            as is_duration_negative,
        requests.opened_at,
        requests.first_response_at,
        requests.resolved_at,
        {{ business_day('requests.opened_at') }} as opened_on
    from flagged as requests
    inner join attributed
        on
            requests.system = attributed.system
            and requests.request_id = attributed.conversion_id

)

select * from final
order by system, request_id
