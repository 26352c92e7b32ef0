{#- The one file that names sources: what each brings, and how reconciliation counts it. -#}

{#- Which system brings which entities. dbt must know what a model reads before it runs anything, so
    this list is where a new source is named: its models are int_<system>__<entity>. -#}
{% macro conformed_systems() -%}
    {{ return({
        'bluesky': ['posts', 'post_metrics', 'account_metrics'],
        'facebook': ['posts', 'post_metrics', 'account_metrics'],
        'freshdesk': ['support_requests'],
        'ga4': ['claimed_conversions'],
        'greenhouse': ['applications'],
        'hubspot': ['leads', 'deals'],
        'instagram': ['posts', 'post_metrics', 'account_metrics'],
        'intercom': ['support_requests'],
        'lever': ['applications'],
        'linkedin': ['posts', 'post_metrics', 'account_metrics'],
        'linkedin_ads': ['ad_performance'],
        'mastodon': ['posts', 'post_metrics', 'account_metrics'],
        'meta_ads': ['ad_performance', 'claimed_conversions'],
        'personio': ['applications'],
        'pipedrive': ['leads', 'deals'],
        'salesforce': ['leads', 'deals'],
        'shopify': ['orders'],
        'tiktok': ['posts', 'post_metrics', 'account_metrics'],
        'tiktok_ads': ['ad_performance', 'claimed_conversions'],
        'x': ['posts', 'post_metrics', 'account_metrics'],
        'youtube': ['posts', 'post_metrics', 'account_metrics'],
        'zendesk': ['support_requests'],
    }) }}
{%- endmacro %}

{#- Streams that become rows of an entity (others are checked from landing to raw without a line):
    how their day and sum are called in staging, and which rows do not go on, by the first reason
    that holds. rows: a select instead of the staging model. -#}
{% macro reconciled_streams(entities) %}
    {% set streams = [
        {'source': 'freshdesk', 'stream': 'tickets', 'entity': 'support_requests',
            'day': business_day('created_at'),
            'explained': {'deleted': archived_in('stg_freshdesk__deleted_tickets', 'ticket_id')
                ~ ' or ' ~ archived_in('stg_freshdesk__spam_tickets', 'ticket_id')}},
        {'source': 'greenhouse', 'stream': 'applications', 'entity': 'applications',
            'day': business_day('created_at'),
            'explained': {'prospects':
                "coalesce(is_prospect, false) or coalesce(status, '') = 'converted'",
                'deleted': is_deleted_in_greenhouse()}},
        {'source': 'hubspot', 'stream': 'contacts', 'entity': 'leads',
            'day': business_day('created_at'),
            'explained': {'merged': gone_in('stg_hubspot__contact_merges', 'loser_id', 'contact_id'),
                'deleted': archived_in('stg_hubspot__contacts_archived', 'contact_id')}},
        {'source': 'hubspot', 'stream': 'deals', 'entity': 'deals', 'sum': 'amount',
            'day': business_day('created_at'),
            'explained': {'merged': gone_in('stg_hubspot__deal_merges', 'loser_id', 'deal_id'),
                'deleted': archived_in('stg_hubspot__deals_archived', 'deal_id')}},
        {'source': 'pipedrive', 'stream': 'persons', 'entity': 'leads',
            'day': business_day('created_at')},
        {'source': 'pipedrive', 'stream': 'deals', 'entity': 'deals', 'sum': 'amount',
            'day': business_day('created_at')},
        {'source': 'salesforce', 'stream': 'leads', 'entity': 'leads',
            'day': business_day('created_at'),
            'explained': {'merged': 'is_deleted and master_id is not null',
                'deleted': 'is_deleted or ' ~ purged_in(
                    'stg_salesforce__deleted_records', 'record_id', 'lead_id')}},
        {'source': 'salesforce', 'stream': 'opportunities', 'entity': 'deals', 'sum': 'amount',
            'day': business_day('created_at'),
            'explained': {'deleted': 'is_deleted or ' ~ purged_in(
                'stg_salesforce__deleted_records', 'record_id', 'opportunity_id')}},
        {'source': 'intercom', 'stream': 'conversations', 'entity': 'support_requests',
            'day': business_day(intercom_opened_at()),
            'explained': {'undated': intercom_opened_at() ~ ' is null'}},
        {'source': 'zendesk', 'stream': 'tickets', 'entity': 'support_requests',
            'day': business_day('created_at'),
            'explained': {'merged': 'is_merged', 'deleted': "status = 'deleted'"}},
        {'source': 'lever', 'stream': 'opportunities', 'entity': 'applications',
            'day': business_day('applied_at'),
            'explained': {
                'prospects': 'stage_id in (select leads.stage_id from '
                    ~ ref('stg_lever__stages') ~ " as leads where leads.phase = 'lead')",
                'deleted': gone_in('stg_lever__deleted_opportunities', 'opportunity_id',
                    'opportunity_id')}},
        {'source': 'linkedin', 'stream': 'posts', 'entity': 'posts',
            'day': business_day('published_at'),
            'explained': {'unpublished':
                "coalesce(lifecycle_state, '') <> 'PUBLISHED' or published_at is null"}},
        {'source': 'linkedin', 'stream': 'post_statistics', 'entity': 'post_metrics',
            'when': "basis = 'lifetime'", 'day': business_day('fetched_at'), 'sum': 'like_count',
            'rows': dated_readings('stg_linkedin__post_statistics', ['post_id']),
            'explained': {'replaced': 'newest_of_day > 1', 'counted_by_day': "newest > 1 and "
                ~ gone_in('stg_linkedin__post_statistics_daily', 'account_id', 'account_id')}},
        {'source': 'linkedin', 'stream': 'post_statistics_daily', 'entity': 'post_metrics',
            'when': "basis = 'daily'", 'day': 'metric_date', 'sum': 'like_count'},
        {'source': 'linkedin', 'stream': 'follower_totals', 'entity': 'account_metrics',
            'day': business_day('fetched_at'),
            'rows': dated_readings('stg_linkedin__follower_totals', ['account_id']),
            'explained': {'replaced': 'newest_of_day > 1'}, 'added':
                'as_of < (select min(' ~ business_day('first_reading.fetched_at') ~ ') from '
                ~ ref('stg_linkedin__follower_totals') ~ ' as first_reading'
                ~ ' where first_reading.account_id = entities.account_id)'},
        {'source': 'linkedin_ads', 'stream': 'ad_days', 'entity': 'ad_performance', 'sum': 'spend',
            'day': 'metric_date'},
        {'source': 'bluesky', 'stream': 'posts', 'entity': 'posts',
            'day': business_day(bluesky_published_at()),
            'rows': dated_readings('stg_bluesky__posts', ['post_id']),
            'explained': {'replaced': 'newest > 1'}},
        {'source': 'bluesky', 'stream': 'posts', 'entity': 'post_metrics',
            'day': business_day('fetched_at'), 'sum': 'like_count',
            'rows': dated_readings('stg_bluesky__posts', ['post_id']),
            'explained': {'replaced': 'newest_of_day > 1'}},
        {'source': 'bluesky', 'stream': 'profiles', 'entity': 'account_metrics',
            'day': business_day('fetched_at'),
            'rows': dated_readings('stg_bluesky__profiles', ['account_id']),
            'explained': {'replaced': 'newest_of_day > 1'}},
        {'source': 'facebook', 'stream': 'posts', 'entity': 'posts',
            'day': business_day('published_at'),
            'rows': dated_readings('stg_facebook__posts', ['post_id']),
            'explained': {'replaced': 'newest > 1'}},
        {'source': 'facebook', 'stream': 'posts', 'entity': 'post_metrics',
            'day': business_day('fetched_at'), 'sum': 'reaction_count',
            'rows': dated_readings('stg_facebook__posts', ['post_id']),
            'explained': {'replaced': 'newest_of_day > 1'}},
        {'source': 'facebook', 'stream': 'page_days', 'entity': 'account_metrics',
            'day': 'metric_date'},
        {'source': 'instagram', 'stream': 'stories', 'entity': 'posts',
            'when': gone_in('stg_instagram__stories', 'media_id', 'post_id'),
            'day': business_day('published_at'),
            'rows': dated_readings('stg_instagram__stories', ['media_id']),
            'explained': {'replaced': 'newest > 1'}},
        {'source': 'instagram', 'stream': 'media', 'entity': 'posts',
            'day': business_day('published_at'),
            'rows': dated_readings('stg_instagram__media', ['media_id']),
            'explained': {'replaced': 'newest > 1'}},
        {'source': 'instagram', 'stream': 'stories', 'entity': 'post_metrics',
            'when': gone_in('stg_instagram__stories', 'media_id', 'post_id'),
            'day': business_day('fetched_at'),
            'rows': dated_readings('stg_instagram__stories', ['media_id']),
            'explained': {'replaced': 'newest_of_day > 1'}},
        {'source': 'instagram', 'stream': 'media', 'entity': 'post_metrics',
            'day': business_day('fetched_at'), 'sum': 'like_count',
            'rows': dated_readings('stg_instagram__media', ['media_id']),
            'explained': {'replaced': 'newest_of_day > 1'}},
        {'source': 'instagram', 'stream': 'accounts', 'entity': 'account_metrics',
            'day': business_day('fetched_at'),
            'rows': dated_readings('stg_instagram__accounts', ['account_id']),
            'explained': {'replaced': 'newest_of_day > 1'}},
        {'source': 'mastodon', 'stream': 'statuses', 'entity': 'posts',
            'day': business_day('published_at'),
            'rows': dated_readings('stg_mastodon__statuses', ['status_id']),
            'explained': {'replaced': 'newest > 1'}},
        {'source': 'mastodon', 'stream': 'statuses', 'entity': 'post_metrics',
            'day': business_day('fetched_at'), 'sum': 'favourite_count',
            'rows': dated_readings('stg_mastodon__statuses', ['status_id']),
            'explained': {'replaced': 'newest_of_day > 1'}},
        {'source': 'mastodon', 'stream': 'accounts', 'entity': 'account_metrics',
            'day': business_day('fetched_at'),
            'rows': dated_readings('stg_mastodon__accounts', ['account_id']),
            'explained': {'replaced': 'newest_of_day > 1'}},
        {'source': 'meta_ads', 'stream': 'ad_days', 'entity': 'ad_performance', 'sum': 'spend',
            'day': 'metric_date', 'rows': meta_days_by_platform()},
        {'source': 'shopify', 'stream': 'orders', 'entity': 'orders', 'sum': shopify_amount(),
            'day': business_day('coalesce(processed_at, created_at)')},
        {'source': 'tiktok', 'stream': 'videos', 'entity': 'posts',
            'day': business_day('published_at'),
            'rows': dated_readings('stg_tiktok__videos', ['video_id']),
            'explained': {'replaced': 'newest > 1'}},
        {'source': 'tiktok', 'stream': 'videos', 'entity': 'post_metrics',
            'day': business_day('fetched_at'), 'sum': 'like_count',
            'rows': dated_readings('stg_tiktok__videos', ['video_id']),
            'explained': {'replaced': 'newest_of_day > 1'}},
        {'source': 'tiktok', 'stream': 'profile_days', 'entity': 'account_metrics',
            'day': 'metric_date'},
        {'source': 'tiktok_ads', 'stream': 'ad_days', 'entity': 'ad_performance', 'sum': 'spend',
            'day': 'metric_date'},
        {'source': 'personio', 'stream': 'applications', 'entity': 'applications',
            'day': 'least(application_date, ' ~ business_day('created_at') ~ ')'},
        {'source': 'x', 'stream': 'posts', 'entity': 'posts', 'day': business_day('published_at'),
            'rows': dated_readings('stg_x__posts', ['post_id']),
            'explained': {'replaced': 'newest > 1'}},
        {'source': 'x', 'stream': 'posts', 'entity': 'post_metrics',
            'day': business_day('fetched_at'), 'sum': 'like_count',
            'rows': dated_readings('stg_x__posts', ['post_id']),
            'explained': {'replaced': 'newest_of_day > 1'}},
        {'source': 'x', 'stream': 'accounts', 'entity': 'account_metrics',
            'day': business_day('fetched_at'),
            'rows': dated_readings('stg_x__accounts', ['account_id']),
            'explained': {'replaced': 'newest_of_day > 1'}},
        {'source': 'youtube', 'stream': 'videos', 'entity': 'posts',
            'day': business_day('published_at'),
            'explained': {'unpublished': is_youtube_draft()}},
        {'source': 'youtube', 'stream': 'video_days', 'entity': 'post_metrics',
            'day': 'metric_date', 'sum': 'like_count'},
        {'source': 'youtube', 'stream': 'channels', 'entity': 'account_metrics',
            'day': business_day('fetched_at'),
            'rows': dated_readings('stg_youtube__channels', ['channel_id']),
            'explained': {'replaced': 'newest_of_day > 1'}},
    ] %}
    {#- A platform spelled in two ways in a file is one platform: of one key the newest row stays. -#}
    {% set keys = {
        'posts': ['post_id'], 'post_metrics': ['post_id', 'as_of', 'basis'],
        'account_metrics': ['account_id', 'as_of'], 'ad_performance': ['ad_id', 'date']
    } %}
    {% for entity, facts in entities.items() %}
        {% set file = {'source': 'file_drop', 'stream': entity, 'entity': entity,
            'day': facts.day, 'moment': facts.moment, 'sum': facts.sum} %}
        {% if entity in keys %}
            {% do file.update({'rows': file_spellings(entity, keys[entity]),
                'explained': {'replaced': 'newest_first > 1'}}) %}
        {% endif %}
        {% do streams.append(file) %}
    {% endfor %}
    {% set read = systems_read() %}
    {% set found = [] %}
    {% for one in streams if read is none or one.source in read %}
        {% do found.append(one) %}
    {% endfor %}
    {% do return(found) %}
{% endmacro %}

{% macro gone_in(model, gone_key, key) -%}
    {{ key }} in (select gone.{{ gone_key }} from {{ ref(model) }} as gone)
{%- endmacro %}

{#- Deleted, and not changed (restored) since. -#}
{% macro archived_in(model, key) -%}
    {{ purged_in(model, key, key, 'archived_at') }}
{%- endmacro %}

{#- The same, where the list of what is gone has its own names. -#}
{% macro purged_in(model, gone_key, key, gone_at='deleted_at') -%}
    exists (
        select 1 from {{ ref(model) }} as gone
        where
            gone.{{ gone_key }} = staged.{{ key }}
            and coalesce(staged.modified_at <= gone.{{ gone_at }}, true)
    )
{%- endmacro %}

{% macro dated_readings(model, key) -%}
    select
        *,
        row_number() over (
            partition by {{ key | join(', ') }}, {{ business_day('fetched_at') }}
            order by fetched_at desc
        ) as newest_of_day,
        row_number() over (
            partition by {{ key | join(', ') }}
            order by fetched_at desc
        ) as newest
    from {{ ref(model) }}
{%- endmacro %}

{#- Messenger and the network of other apps are Facebook's: their rows of a day are one. -#}
{% macro meta_days_by_platform() -%}
    select
        ad_id,
        metric_date,
        {{ meta_platform('publisher_platform') }} as platform,
        sum(spend) as spend
    from {{ ref('stg_meta_ads__ad_days') }}
    group by ad_id, metric_date, {{ meta_platform('publisher_platform') }}
{%- endmacro %}

{% macro file_spellings(entity, key) -%}
    select
        files.*,
        row_number() over (
            partition by names.platform, files.{{ key | join(', files.') }}
            order by files._fetched_at desc, files._batch desc, files._line desc
        ) as newest_first
    from {{ rows_counted('stg_file_drop__' ~ entity) }} as files
    left join {{ ref('int_names__resolved') }} as names
        on
            files.system = names.system
            and {{ name_key('files.platform') }} = names.name_key
{%- endmacro %}
