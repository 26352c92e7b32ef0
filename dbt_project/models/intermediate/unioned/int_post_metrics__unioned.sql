{{ union_entity('post_metrics') }}
