{{ config(materialized='table') }}

with

int_names__seen as (

    select distinct
        system,
        name_key
    from {{ ref('int_names__seen') }}

),

int_sources__mapped as (

    select
        system,
        name_key,
        platform,
        channel_kind
    from {{ ref('int_sources__mapped') }}

),

int_platforms__kinded as (

    select
        platform,
        channel_kind
    from {{ ref('int_platforms__kinded') }}

),

mapped as (

    select
        seen.system,
        seen.name_key,
        coalesce(of_system.platform, of_all.platform) as mapped_platform,
        coalesce(of_system.channel_kind, of_all.channel_kind) as mapped_kind
    from int_names__seen as seen
    left join int_sources__mapped as of_system
        on
            seen.system = of_system.system
            and seen.name_key = of_system.name_key
    left join int_sources__mapped as of_all
        on
            of_all.system = '*'
            and seen.name_key = of_all.name_key

),

final as (

    -- platform, channel_kind: how a `platform` column is read; any key of a platform is allowed
    select
        mapped.system,
        mapped.name_key,
        mapped.mapped_platform,
        mapped.mapped_kind,
        coalesce(mapped.mapped_platform, mapped.name_key) as platform,
        coalesce(int_platforms__kinded.channel_kind, 'unknown') as channel_kind
    from mapped
    left join int_platforms__kinded
        on coalesce(mapped.mapped_platform, mapped.name_key) = int_platforms__kinded.platform

)

select * from final
