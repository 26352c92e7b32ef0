{%- set account = ['system', 'platform', 'account_id', 'definition_version'] -%}
-- What an account gained between two readings lies on the day of the later one.
with

int_account_metrics__unioned as (

    select
        {{ entity_select('account_metrics') }}
    from {{ ref('int_account_metrics__unioned') }}

),

metric_definitions as (

    select
        platform,
        version,
        valid_from,
        valid_to
    from {{ ref('metric_definitions') }}
    where
        entity = 'account_metrics'
        and measure = 'followers'

),

defined as (

    select
        accounts.*,
        metric_definitions.version as definition_version
    from int_account_metrics__unioned as accounts
    left join metric_definitions
        on
            accounts.platform = metric_definitions.platform
            and accounts.as_of >= coalesce(metric_definitions.valid_from, accounts.as_of)
            and accounts.as_of <= coalesce(metric_definitions.valid_to, accounts.as_of)

),

preceded as (

    -- what was counted by another definition is no reading to compare with
    select
        *,
        {{ previous_known('followers', account, 'as_of') }} as previous_followers,
        {{ previous_known('case when followers is not null then as_of end', account, 'as_of') }}
            as previous_as_of
    from defined

),

final as (

    -- followers may be lost, so a total that falls is a loss here and no restatement
    select
        {{ entity_select('account_metrics') }},
        definition_version,
        followers - previous_followers as followers_gained,
        case
            when followers is not null
                then cast(
                    {{ dbt.datediff('previous_as_of', 'as_of', 'day') }} as {{ dbt.type_bigint() }}
                )
        end as days_since_reading
    from preceded

)

select * from final
