{#- LinkedIn pages as Fivetran loads them (schema `linkedin_company_pages`).
    Source: Fivetran's schema page of LinkedIn Company Pages, and the columns that its dbt package
    names; read November 2026. Statistics of a post are one row of totals so far, overwritten at
    each sync: no day of a post is known, only the newest total. There is no total of followers.
    Of a post's text only a link with utm_campaign is read. -#}
{% macro fivetran_linkedin__posts(at) %}
{%- set tagged_link = "'(https?://[^[:space:]<>\"()]*[?&]utm_campaign=[^[:space:]<>\"()]+)'" -%}
select
    posts.post_id,
    posts.author,
    cast(null as {{ dbt.type_string() }}) as commentary,
    posts.published_ms,
    posts.lifecycle_state,
    nullif(lower(posts.category), 'none') as content_kind,
    media.media_id,
    coalesce(
        media.article_url,
        nullif(regexp_extract(coalesce(posts.commentary, posts.share_text), {{ tagged_link }}, 1), '')
    ) as article_url,
    coalesce(posts.landing_page_url, media.landing_page_url) as landing_page_url,
    posts._fetched_at
from ({{ foreign_rows(at, 'ugc_post_history', ['id'], {
    'post_id': 'id text', 'author': 'author text', 'commentary': 'commentary text',
    'share_text': 'specific_content_share_commentary_text text',
    'published_ms': 'first_published_at milliseconds', 'lifecycle_state': 'lifecycle_state text',
    'category': 'specific_content_share_media_category text',
    'landing_page_url': 'specific_content_primary_landing_page_url text'
}, newest_by=['last_modified_time']) }}) as posts
left join ({{ foreign_rows(at, 'ugc_post_share_content_media', ['ugc_post_id'], {
    'post_id': 'ugc_post_id text', 'media_id': 'media text', 'article_url': 'original_url text',
    'landing_page_url': 'landing_page_url text'
}, newest_by=['last_modified_time'], optional=true) }}) as media
    on posts.post_id = media.post_id
{% endmacro %}

{% macro fivetran_linkedin__post_statistics(at) %}
select
    links.post_id,
    statistics.account,
    statistics.impressions,
    statistics.unique_impressions,
    statistics.clicks,
    statistics.likes,
    statistics.comments,
    statistics.shares,
    cast(statistics._fetched_at as date) as read_on,
    statistics._fetched_at
from ({{ foreign_rows(at, 'ugc_post_share_statistic', ['ugc_post_id'], {
    'post_id': 'ugc_post_id text', 'statistic_id': 'share_statistic_id text'
}) }}) as links
inner join ({{ foreign_rows(at, 'share_statistic', ['_fivetran_id'], {
    'statistic_id': '_fivetran_id text', 'account': '_organization_entity_urn text',
    'impressions': 'impression_count bigint',
    'unique_impressions': 'unique_impressions_count bigint', 'clicks': 'click_count bigint',
    'likes': 'like_count bigint', 'comments': 'comment_count bigint', 'shares': 'share_count bigint'
}) }}) as statistics on links.statistic_id = statistics.statistic_id
{% endmacro %}

{% macro fivetran_linkedin__follower_gains(at) %}
{{ foreign_rows(at, 'time_bound_follower_statistic', ['organization_entity', 'day'], {
    'account': 'organization_entity text', 'day_start_ms': 'day milliseconds',
    'organic_gain': 'follower_gains_organic_follower_gain bigint',
    'paid_gain': 'follower_gains_paid_follower_gain bigint'
}, optional=true) }}
{% endmacro %}
