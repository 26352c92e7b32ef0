-- Rows of the company override the seed: an equal system and value, or a value for all systems.
with

source_map as (

    select
        system,
        value,
        platform,
        channel_kind
    from {{ ref('source_map') }}

),

stg_company__source_map as (

    select
        system,
        value,
        platform,
        channel_kind
    from {{ ref('stg_company__source_map') }}

),

seed_rows as (

    select distinct
        {{ name_key('system') }} as system,
        {{ name_key('value') }} as name_key,
        {{ name_key('platform') }} as platform,
        {{ name_key('channel_kind') }} as channel_kind
    from source_map

),

company_rows as (

    -- distinct: equal duplicates are one row; contradicting ones stay two and fail the grain test.
    -- A platform is its key or a name of the seed (twitter); without one the name is the platform.
    select distinct
        {{ name_key('company.system') }} as system,
        {{ name_key('company.value') }} as name_key,
        coalesce(
            seed_rows.platform, {{ name_key('company.platform') }}, {{ name_key('company.value') }}
        ) as platform,
        {{ name_key('company.channel_kind') }} as channel_kind
    from stg_company__source_map as company
    left join seed_rows
        on
            seed_rows.system = '*'
            and {{ name_key('company.platform') }} = seed_rows.name_key

),

seed_rows_kept as (

    select
        seed_rows.system,
        seed_rows.name_key,
        seed_rows.platform,
        seed_rows.channel_kind
    from seed_rows
    left join company_rows
        on
            seed_rows.name_key = company_rows.name_key
            and company_rows.system in (seed_rows.system, '*')
    where company_rows.name_key is null

),

final as (

    select
        system,
        name_key,
        platform,
        channel_kind,
        true as is_company_row
    from company_rows

    union all

    select
        system,
        name_key,
        platform,
        channel_kind,
        false as is_company_row
    from seed_rows_kept

)

select * from final
