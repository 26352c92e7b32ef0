{#- Not published: announced, or private and never watched. What was watched had been public, and its
    days go on to belong to its campaign. -#}
{% macro is_youtube_draft() -%}
    coalesce(broadcast_state, '') = 'upcoming'
    or (
        coalesce(privacy_status, '') = 'private'
        and video_id not in (
            select counted.video_id from {{ ref('stg_youtube__video_days') }} as counted
        )
    )
{%- endmacro %}
