{{ config(materialized='table') }}
{{ changed_since_last_build('touchpoints', ['system', 'touch_id'], before=['person', 'touched_at']) }}
