{{ union_entity('claimed_conversions', [
    ref('int_claimed_conversions__in_ads'),
    ref('int_meta_ads__claimed_conversions'),
]) }}
