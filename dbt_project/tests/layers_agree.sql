-- Fails with the source, stream, day and layers of what one layer has and the next one lost,
-- doubled or changed. See docs/decisions/0012.
with

differing as (

    select
        {{ dbt.concat([
            'source',
            "'.'",
            'stream',
            "' on '",
            "coalesce(cast(day as " ~ dbt.type_string() ~ "), 'no day')",
            "', '",
            'measure',
            "': '",
            'cast(cast(value_before as double) as ' ~ dbt.type_string() ~ ')',
            "' in '",
            'layer_before',
            "' less '",
            'cast(cast(value_before + added - value_after - difference as double) as '
            ~ dbt.type_string() ~ ')',
            "' explained, plus '",
            'cast(cast(added as double) as ' ~ dbt.type_string() ~ ')',
            "' added, but '",
            'cast(cast(value_after as double) as ' ~ dbt.type_string() ~ ')',
            "' in '",
            'layer_after',
        ]) }} as finding,
        row_number() over (order by source, stream, day, layer_before, measure) as place,
        count(*) over () as findings
    from {{ ref('reconciliation') }}
    where difference <> 0

),

worded as (

    select
        {{ dbt.concat([
            dbt.listagg('finding', "'; '", 'order by place'),
            "' ('",
            'cast(max(findings) as ' ~ dbt.type_string() ~ ')',
            "' in all, see reconciliation)'",
        ]) }} as message
    from differing
    where place <= 3

)

select message
from worded
where
    message is not null
    and {{ fail_with('message') }} is null
