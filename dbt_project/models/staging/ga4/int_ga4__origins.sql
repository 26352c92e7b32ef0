-- Google's origins in our words: the platform of the source, the campaign of the tag.
with

stg_ga4__sessions as (

    select
        session_source,
        session_campaign
    from {{ ref('stg_ga4__sessions') }}

),

stg_ga4__key_events as (

    select
        session_source,
        session_campaign
    from {{ ref('stg_ga4__key_events') }}

),

int_sources__mapped as (

    select
        system,
        name_key,
        platform
    from {{ ref('int_sources__mapped') }}

),

int_campaigns__named as (

    select
        name_key,
        campaign
    from {{ ref('int_campaigns__named') }}

),

int_campaigns__declared as (

    select
        campaign,
        platform
    from {{ ref('int_campaigns__declared') }}

),

-- union: an origin that both reports have is one
seen as (

    select
        session_source,
        session_campaign
    from stg_ga4__sessions

    union

    select
        session_source,
        session_campaign
    from stg_ga4__key_events

),

keyed as (

    -- (not set), (direct), (organic), (referral) are words of Google and no names
    select
        session_source,
        session_campaign,
        {{ name_key('session_source') }} as source_key,
        case when session_campaign not like '(%)' then {{ name_key('session_campaign') }} end
            as campaign_key
    from seen

),

final as (

    -- as in rule 1 of attribution: the mapped source, else the declared campaign's platform
    select
        keyed.session_source,
        keyed.session_campaign,
        keyed.campaign_key,
        coalesce(named.campaign, keyed.campaign_key, 'unassigned') as campaign,
        coalesce(of_system.platform, of_all.platform, declared.platform, 'unattributed')
            as platform
    from keyed
    left join int_sources__mapped as of_system
        on
            of_system.system = 'ga4'
            and keyed.source_key = of_system.name_key
    left join int_sources__mapped as of_all
        on
            of_all.system = '*'
            and keyed.source_key = of_all.name_key
    left join int_campaigns__named as named
        on keyed.campaign_key = named.name_key
    left join int_campaigns__declared as declared
        on named.campaign = declared.campaign

)

select * from final
