{#- What reconciliation knows of each stream and entity. A new source adds its main streams here;
    other streams (jobs, stages, …) are checked from landing to raw without a line. -#}

{#- Entity → the day of a row, what is summed beside counting, and its fact. fact_sum: what of the
    sum the fact must hold (days of a lifetime total are growth, so only counted days compare). -#}
{% macro reconciled_entities() %}
    {% do return({
        'posts': {'day': business_day('published_at'), 'fact': 'fct_posts',
            'fact_day': 'published_on'},
        'post_metrics': {'day': 'as_of', 'sum': 'likes', 'fact': 'fct_post_days',
            'fact_day': 'day', 'to_fact': "case when basis = 'daily' then likes end"},
        'account_metrics': {'day': 'as_of', 'fact': 'fct_account_days', 'fact_day': 'day'},
        'ad_performance': {'day': 'date', 'sum': 'spend', 'fact': 'fct_ad_days',
            'fact_day': 'day', 'fact_sum': 'spend_original'},
        'applications': {'day': business_day('applied_at'), 'fact': 'fct_applications',
            'fact_day': 'applied_on'},
        'leads': {'day': business_day('created_at'), 'fact': 'fct_leads',
            'fact_day': 'created_on'},
        'deals': {'day': business_day('created_at'), 'sum': 'amount', 'fact': 'fct_deals',
            'fact_day': 'created_on', 'fact_sum': 'amount_original'},
        'support_requests': {'day': business_day('opened_at'), 'fact': 'fct_support_requests',
            'fact_day': 'opened_on'},
        'orders': {'day': business_day('ordered_at'), 'sum': 'amount', 'fact': 'fct_orders',
            'fact_day': 'ordered_on', 'fact_sum': 'amount_original'},
        'costs': {'day': 'date', 'sum': 'amount', 'fact': 'fct_costs', 'fact_day': 'date',
            'fact_sum': 'amount_original'},
        'touchpoints': {'day': business_day('touched_at'), 'fact': 'fct_touchpoints',
            'fact_day': 'touched_on'},
    }) %}
{% endmacro %}

{#- Streams that become rows of an entity: how their day and sum are called in staging, and which
    rows do not go on, by the first reason that holds. rows: a select instead of the staging model. -#}
{% macro reconciled_streams(entities) %}
    {% set streams = [
        {'source': 'greenhouse', 'stream': 'applications', 'entity': 'applications',
            'day': business_day('created_at'),
            'explained': {'prospects':
                "coalesce(is_prospect, false) or coalesce(status, '') = 'converted'"}},
        {'source': 'hubspot', 'stream': 'contacts', 'entity': 'leads',
            'day': business_day('created_at'),
            'explained': {'merged': gone_in('stg_hubspot__contact_merges', 'loser_id', 'contact_id'),
                'deleted': archived_in('stg_hubspot__contacts_archived', 'contact_id')}},
        {'source': 'hubspot', 'stream': 'deals', 'entity': 'deals', 'sum': 'amount',
            'day': business_day('created_at'),
            'explained': {'merged': gone_in('stg_hubspot__deal_merges', 'loser_id', 'deal_id'),
                'deleted': archived_in('stg_hubspot__deals_archived', 'deal_id')}},
        {'source': 'zendesk', 'stream': 'tickets', 'entity': 'support_requests',
            'day': business_day('created_at'),
            'explained': {'merged': 'is_merged', 'deleted': "status = 'deleted'"}},
        {'source': 'linkedin', 'stream': 'posts', 'entity': 'posts',
            'day': business_day('published_at'),
            'explained': {'unpublished':
                "coalesce(lifecycle_state, '') <> 'PUBLISHED' or published_at is null"}},
        {'source': 'linkedin', 'stream': 'post_statistics', 'entity': 'post_metrics',
            'when': "basis = 'lifetime'", 'day': business_day('fetched_at'), 'sum': 'like_count',
            'rows': linkedin_readings('stg_linkedin__post_statistics', ['post_id']),
            'explained': {'replaced': 'newest_of_day > 1', 'counted_by_day': "newest > 1 and "
                ~ gone_in('stg_linkedin__post_statistics_daily', 'account_id', 'account_id')}},
        {'source': 'linkedin', 'stream': 'post_statistics_daily', 'entity': 'post_metrics',
            'when': "basis = 'daily'", 'day': 'metric_date', 'sum': 'like_count'},
        {'source': 'linkedin', 'stream': 'follower_totals', 'entity': 'account_metrics',
            'day': business_day('fetched_at'),
            'rows': linkedin_readings('stg_linkedin__follower_totals', ['account_id']),
            'explained': {'replaced': 'newest_of_day > 1'}, 'added':
                'as_of < (select min(' ~ business_day('first_reading.fetched_at') ~ ') from '
                ~ ref('stg_linkedin__follower_totals') ~ ' as first_reading'
                ~ ' where first_reading.account_id = entities.account_id)'},
        {'source': 'linkedin_ads', 'stream': 'ad_days', 'entity': 'ad_performance', 'sum': 'spend',
            'day': 'metric_date'},
        {'source': 'bluesky', 'stream': 'posts', 'entity': 'posts',
            'day': business_day(bluesky_published_at()),
            'rows': linkedin_readings('stg_bluesky__posts', ['post_id']),
            'explained': {'replaced': 'newest > 1'}},
        {'source': 'bluesky', 'stream': 'posts', 'entity': 'post_metrics',
            'day': business_day('fetched_at'), 'sum': 'like_count',
            'rows': linkedin_readings('stg_bluesky__posts', ['post_id']),
            'explained': {'replaced': 'newest_of_day > 1'}},
        {'source': 'bluesky', 'stream': 'profiles', 'entity': 'account_metrics',
            'day': business_day('fetched_at'),
            'rows': linkedin_readings('stg_bluesky__profiles', ['account_id']),
            'explained': {'replaced': 'newest_of_day > 1'}},
        {'source': 'mastodon', 'stream': 'statuses', 'entity': 'posts',
            'day': business_day('published_at'),
            'rows': linkedin_readings('stg_mastodon__statuses', ['status_id']),
            'explained': {'replaced': 'newest > 1'}},
        {'source': 'mastodon', 'stream': 'statuses', 'entity': 'post_metrics',
            'day': business_day('fetched_at'), 'sum': 'favourite_count',
            'rows': linkedin_readings('stg_mastodon__statuses', ['status_id']),
            'explained': {'replaced': 'newest_of_day > 1'}},
        {'source': 'mastodon', 'stream': 'accounts', 'entity': 'account_metrics',
            'day': business_day('fetched_at'),
            'rows': linkedin_readings('stg_mastodon__accounts', ['account_id']),
            'explained': {'replaced': 'newest_of_day > 1'}},
        {'source': 'meta_ads', 'stream': 'ad_days', 'entity': 'ad_performance', 'sum': 'spend',
            'day': 'metric_date'},
        {'source': 'x', 'stream': 'posts', 'entity': 'posts', 'day': business_day('published_at'),
            'rows': linkedin_readings('stg_x__posts', ['post_id']),
            'explained': {'replaced': 'newest > 1'}},
        {'source': 'x', 'stream': 'posts', 'entity': 'post_metrics',
            'day': business_day('fetched_at'), 'sum': 'like_count',
            'rows': linkedin_readings('stg_x__posts', ['post_id']),
            'explained': {'replaced': 'newest_of_day > 1'}},
        {'source': 'x', 'stream': 'accounts', 'entity': 'account_metrics',
            'day': business_day('fetched_at'),
            'rows': linkedin_readings('stg_x__accounts', ['account_id']),
            'explained': {'replaced': 'newest_of_day > 1'}},
    ] %}
    {#- A platform spelled in two ways in a file is one platform: of one key the newest row stays. -#}
    {% set keys = {
        'posts': ['post_id'], 'post_metrics': ['post_id', 'as_of', 'basis'],
        'account_metrics': ['account_id', 'as_of'], 'ad_performance': ['ad_id', 'date']
    } %}
    {% for entity, facts in entities.items() %}
        {% set file = {'source': 'file_drop', 'stream': entity, 'entity': entity,
            'day': facts.day, 'sum': facts.sum} %}
        {% if entity in keys %}
            {% do file.update({'rows': file_spellings(entity, keys[entity]),
                'explained': {'replaced': 'newest_first > 1'}}) %}
        {% endif %}
        {% do streams.append(file) %}
    {% endfor %}
    {% do return(streams) %}
{% endmacro %}

{% macro gone_in(model, gone_key, key) -%}
    {{ key }} in (select gone.{{ gone_key }} from {{ ref(model) }} as gone)
{%- endmacro %}

{#- Deleted, and not changed (restored) since. -#}
{% macro archived_in(model, key) -%}
    exists (
        select 1 from {{ ref(model) }} as gone
        where
            gone.{{ key }} = staged.{{ key }}
            and coalesce(staged.modified_at <= gone.archived_at, true)
    )
{%- endmacro %}

{% macro linkedin_readings(model, key) -%}
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

{% macro file_spellings(entity, key) -%}
    select
        files.*,
        row_number() over (
            partition by names.platform, files.{{ key | join(', files.') }}
            order by files._fetched_at desc, files._batch desc, files._line desc
        ) as newest_first
    from {{ ref('stg_file_drop__' ~ entity) }} as files
    left join {{ ref('int_names__resolved') }} as names
        on
            files.system = names.system
            and {{ name_key('files.platform') }} = names.name_key
{%- endmacro %}
