-- `linkedin:urn:li:share:1; meta:42` in campaigns.csv: the source ends at the first colon.
with

int_campaigns__declared as (

    select
        campaign,
        external_ids
    from {{ ref('int_campaigns__declared') }}
    where external_ids is not null

),

int_dates__numbered as (

    select number
    from {{ ref('int_dates__numbered') }}
    where number between 1 and 1000

),

parts as (

    select
        int_campaigns__declared.campaign,
        trim({{ dbt.split_part(
            'int_campaigns__declared.external_ids', "';'", 'int_dates__numbered.number'
        ) }}) as part
    from int_campaigns__declared
    inner join int_dates__numbered
        on
            int_dates__numbered.number
            <= length(int_campaigns__declared.external_ids)
            - length(replace(int_campaigns__declared.external_ids, ';', '')) + 1

),

split as (

    select
        campaign,
        {{ name_key(dbt.split_part('part', "':'", 1)) }} as source,
        trim(substring(part, length({{ dbt.split_part('part', "':'", 1) }}) + 2)) as external_id
    from parts

),

numbered as (

    select
        source,
        external_id,
        campaign,
        row_number() over (partition by source, external_id order by campaign) as first_claim
    from split
    where source is not null and external_id <> ''

),

final as (

    select
        source,
        external_id,
        campaign
    from numbered
    where first_claim = 1

)

select * from final
