{%- set trend_months = 12 -%}

with kpi_definitions as (
    select
        kpi,
        label,
        description,
        goal,
        department,
        unit,
        direction,
        headline_slice,
        headline_value,
        beside_value,
        version,
        valid_from,
        change
    from {{ ref('kpi_definitions') }}
    where is_current
),

months as (
    select
        kpi,
        period_start,
        slice,
        slice_value,
        numerator,
        denominator,
        value,
        lower_95,
        upper_95,
        target,
        status,
        previous_value,
        value_year_ago
    from {{ ref('kpi_values') }}
    where period_grain = 'month' and mature
),

kpi_owners as (
    select
        kpi,
        department,
        contact_name,
        contact,
        valid_from,
        valid_to
    from {{ ref('stg_company__kpi_owners') }}
),

kpi_reviews as (
    select
        kpi,
        review_date,
        next_review
    from {{ ref('stg_company__kpi_reviews') }}
),

run as (
    select business_date from {{ ref('stg_ops__run') }}
),

-- The newest mature month in which the KPI has any figure: where the headline slice has none in
-- it, the scorecard says no data and does not fall back to an older month.
newest as (
    select
        kpi,
        max(period_start) as period_start
    from months
    group by kpi
),

headline as (
    select
        months.*,
        {{ dbt.datediff('months.period_start', 'newest.period_start', 'month') }} as months_back
    from months
    inner join newest on months.kpi = newest.kpi
    inner join kpi_definitions
        on
            months.kpi = kpi_definitions.kpi
            and months.slice = kpi_definitions.headline_slice
            and months.slice_value = kpi_definitions.headline_value
),

beside as (
    select
        months.kpi,
        months.value
    from months
    inner join newest
        on months.kpi = newest.kpi and months.period_start = newest.period_start
    inner join kpi_definitions
        on
            months.kpi = kpi_definitions.kpi
            and months.slice = kpi_definitions.headline_slice
            and months.slice_value = kpi_definitions.beside_value
),

trends as (
    select
        kpi,
    {%- for back in range(trend_months - 1, -1, -1) %}
    coalesce(
        cast(
            max(case when months_back = {{ back }} then round(value, 6) end)
            as {{ dbt.type_string() }}
        ),
        'null'
    ) {{ "|| ',' ||" if back else 'as trend' }}
    {%- endfor %}
    from headline
    group by kpi
),

last_other as (
    select
        kpi,
        max(period_start) as period_start
    from headline
    where status <> 'off_target'
    group by kpi
),

off_target as (
    select
        headline.kpi,
        min(headline.period_start) as off_target_since
    from headline
    left join last_other on headline.kpi = last_other.kpi
    where
        headline.status = 'off_target'
        and (
            last_other.period_start is null
            or headline.period_start > last_other.period_start
        )
    group by headline.kpi
),

owners_ranked as (
    select
        kpi_owners.kpi,
        kpi_owners.department,
        kpi_owners.contact_name,
        kpi_owners.contact,
        row_number() over (
            partition by kpi_owners.kpi
            order by kpi_owners.valid_from desc, kpi_owners.contact_name asc, kpi_owners.contact asc
        ) as newest_first
    from kpi_owners
    cross join run
    where
        kpi_owners.kpi is not null
        and (kpi_owners.valid_from is null or kpi_owners.valid_from <= run.business_date)
        and (kpi_owners.valid_to is null or kpi_owners.valid_to >= run.business_date)
),

reviews_ranked as (
    select
        kpi_reviews.kpi,
        kpi_reviews.review_date,
        kpi_reviews.next_review,
        row_number() over (
            partition by kpi_reviews.kpi
            order by kpi_reviews.review_date desc, kpi_reviews.next_review desc
        ) as newest_first
    from kpi_reviews
    cross join run
    where kpi_reviews.review_date <= run.business_date
),

final as (
    select
        kpi_definitions.kpi,
        kpi_definitions.label,
        kpi_definitions.description,
        kpi_definitions.version,
        kpi_definitions.valid_from as definition_since,
        kpi_definitions.change as definition_change,
        kpi_definitions.goal,
        coalesce(owners_ranked.department, kpi_definitions.department) as department,
        owners_ranked.contact_name as owner,
        owners_ranked.contact,
        kpi_definitions.headline_slice as slice,
        kpi_definitions.headline_value as slice_value,
        newest.period_start,
        headline.numerator,
        headline.denominator,
        headline.value,
        headline.lower_95,
        headline.upper_95,
        kpi_definitions.unit,
        kpi_definitions.direction,
        headline.target,
        coalesce(headline.status, 'no_data') as status,
        case when headline.status = 'off_target' then off_target.off_target_since end
            as off_target_since,
        headline.previous_value,
        headline.value_year_ago,
        kpi_definitions.beside_value as beside_slice_value,
        beside.value as beside_value,
        trends.trend,
        reviews_ranked.review_date as last_review,
        reviews_ranked.next_review
    from kpi_definitions
    left join newest on kpi_definitions.kpi = newest.kpi
    left join headline on kpi_definitions.kpi = headline.kpi and headline.months_back = 0
    left join beside on kpi_definitions.kpi = beside.kpi
    left join trends on kpi_definitions.kpi = trends.kpi
    left join off_target on kpi_definitions.kpi = off_target.kpi
    left join owners_ranked
        on kpi_definitions.kpi = owners_ranked.kpi and owners_ranked.newest_first = 1
    left join reviews_ranked
        on kpi_definitions.kpi = reviews_ranked.kpi and reviews_ranked.newest_first = 1
)

select * from final
order by goal, kpi
