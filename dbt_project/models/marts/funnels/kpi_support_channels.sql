{%- set means = {
    'hours_to_first_response': ('seconds_to_first_response', 'requests_with_response_time'),
    'hours_to_resolution': ('seconds_to_resolution', 'requests_with_resolution_time'),
} -%}
with

metric_days as (

    select
        cast({{ dbt.date_trunc('month', 'day') }} as date) as month,
        channel_kind,
        platform,
        measure,
        value
    from {{ ref('metric_days') }}

),

-- Each platform, and each kind of channel as a whole.
channels as (

    {%- for level in ['channel_kind', 'platform'] %}
    select
        month,
        '{{ level }}' as level,
        {{ level }} as channel,
        channel_kind,
        cast({{ sum_of('support_requests') }} as double) as requests,
        cast({{ sum_of('requests_resolved') }} as double) as resolved,
        {%- for seconds, rows in means.values() %}
        cast({{ sum_of(seconds) }} as double) / 3600 as {{ seconds }}_hours,
        cast({{ sum_of(seconds ~ '_squared') }} as double)
        / (3600e0 * 3600e0) as {{ seconds }}_squares,
        cast({{ sum_of(rows) }} as double) as {{ rows }},
        {%- endfor %}
        cast({{ sum_of('satisfaction_points') }} as double) as satisfaction_points,
        cast({{ sum_of('requests_rated') }} as double) as rated
    from metric_days
    group by month, channel_kind{{ ', platform' if level == 'platform' }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

conventional as (

    select
        month,
        requests,
        resolved
    from channels
    where level = 'channel_kind' and channel = 'conventional'

),

compared as (

    select
        channels.*,
        conventional.requests as conventional_requests,
        conventional.resolved as conventional_resolved,
        channels.resolved / nullif(channels.requests, 0)
        - conventional.resolved / nullif(conventional.requests, 0) as difference,
        {%- for end in ['lower', 'upper'] %}
        {% set newcombe = newcombe_lower if end == 'lower' else newcombe_upper -%}
        {{ newcombe(
            'conventional.resolved', 'conventional.requests', 'channels.resolved', 'channels.requests'
        ) }} as difference_{{ end }}_95,
        {%- endfor %}
        {{ month_is_mature('channels.month', 'coalesce(kpi_definitions.maturity_days, 0)') }}
            as mature
    from channels
    cross join {{ ref('stg_ops__run') }} as run
    left join conventional
        on
            channels.month = conventional.month
            and channels.channel_kind <> 'conventional'
    left join {{ ref('kpi_definitions') }} as kpi_definitions
        on kpi_definitions.kpi = 'resolution_rate'
    where channels.requests is not null

),

final as (

    select
        month,
        level,
        channel,
        channel_kind,
        cast(requests as {{ dbt.type_bigint() }}) as requests,
        cast(resolved as {{ dbt.type_bigint() }}) as resolved,
        resolved / nullif(requests, 0) as resolution_rate,
        {{ wilson_lower('resolved', 'requests') }} as resolution_rate_lower_95,
        {{ wilson_upper('resolved', 'requests') }} as resolution_rate_upper_95,
        {%- for name, (seconds, rows) in means.items() %}
        {{ seconds }}_hours / nullif({{ rows }}, 0) as {{ name }},
        {%- for end, sign in [('lower', '-'), ('upper', '+')] %}
        {{ mean_bound(rows, seconds ~ '_hours', seconds ~ '_squares', sign) }}
            as {{ name }}_{{ end }}_95,
        {%- endfor %}
        {%- endfor %}
        satisfaction_points / nullif(rated, 0) as satisfaction,
        rated / nullif(requests, 0) as rated_share,
        cast(conventional_requests as {{ dbt.type_bigint() }}) as conventional_requests,
        conventional_resolved / nullif(conventional_requests, 0) as conventional_resolution_rate,
        difference,
        difference_lower_95,
        difference_upper_95,
        case
            when difference_lower_95 > 0 then 'better'
            when difference_upper_95 < 0 then 'worse'
            when difference_lower_95 is not null then 'no clear difference'
        end as verdict,
        mature
    from compared

)

select * from final
order by month, level, channel, channel_kind
