{{ config(materialized=kept_table()) }}
{{ union_of_kept('applications', 'int_applications__changed') }}
