"""What is published instead of the marts with one row a month and channel or campaign.

Atoms that are counted together are one row, with all of their channel kinds and platforms; if they
have several campaigns, with `withheld`. A month of which nothing may be shown is one such row.
"""

from __future__ import annotations

from extractors.cells.kpis import blanked

GROUP = "group_kind, group_platform, group_campaign"
NAMES = "group_kind as channel_kind, group_platform as platform, group_campaign as campaign"
WITHHELD = "'withheld' as channel_kind, 'withheld' as platform, 'withheld' as campaign"
SHUT = "select month from held.months where measure = '{first}' and not is_open"


def _is_shown(measure: str) -> str:
    """Return whether a measure may be shown for the group of the row `g`."""
    return f"""exists (select 1 from held.group_cells as s where s.measure = {measure}
            and s.month = g.month and s.group_kind = g.group_kind
            and s.group_platform = g.group_platform and s.group_campaign = g.group_campaign)"""


FUNNEL = f"""
with grouped as (
    select c.*, {GROUP}, is_alone, {_is_shown("'{table}.' || c.stage")} as is_shown
    from marts.{{table}} as c
    inner join held.groups as g using (month, channel_kind, platform, campaign)
    where g.measure = '{{first}}'
), marked as (
    select * exclude ({GROUP}), not is_shown as is_withheld, not bool_and(is_shown) over (
        partition by month, channel_kind, platform, campaign order by stage_number
    ) as hides_share
    from grouped where is_alone
), alone as (
    select * exclude (is_alone, is_shown, hides_share, is_withheld) replace (
        case when is_shown then reached end as reached, {{shares}}), is_withheld
    from marked
)
select * from alone
union all by name
select month, {NAMES}, stage, stage_number,
    case when bool_and(is_shown) then sum(reached) end::bigint as reached,
    bool_and(mature) as mature, true as is_withheld
from grouped where not is_alone group by month, {GROUP}, stage, stage_number
union all by name
select month, {WITHHELD}, stage, stage_number, mature, true as is_withheld
from ({SHUT}) inner join (
    select month, stage, stage_number, bool_and(mature) as mature
    from marts.{{table}} group by all
) using (month)
"""
SHARES = """share_of_previous share_of_previous_lower_95 share_of_previous_upper_95
    share_of_first share_of_first_lower_95 share_of_first_upper_95"""
COMMERCE = f"""
with grouped as (
    select c.*, {GROUP}, coalesce(is_alone, false) as is_alone,
        coalesce(is_alone and {_is_shown("'orders'")}, g.month is null and o.is_open, false)
            as is_shown,
        {_is_shown("'orders_with_customer_flag'")} and {_is_shown("'first_orders'")} as shows_new,
        {_is_shown("'orders_of_commerce_campaigns'")} as shows_clicked
    from marts.kpi_commerce as c
    left join (select * from held.months where measure = 'orders') as o using (month)
    left join (select * from held.groups where measure = 'orders') as g
        using (month, channel_kind, platform, campaign)
), marked as (
    select *, not is_shown as is_withheld from grouped
)
select * exclude ({GROUP}, is_alone, is_shown, shows_new, shows_clicked, is_withheld) replace (
    {
    blanked('''orders orders_lower_95 orders_upper_95 order_revenue average_order_value
        cost_per_order cost_per_order_lower_95 cost_per_order_upper_95''')
},
    case when is_shown and shows_new then new_customer_share end as new_customer_share,
    case when is_shown and shows_new then new_customer_share_lower_95 end
        as new_customer_share_lower_95,
    case when is_shown and shows_new then new_customer_share_upper_95 end
        as new_customer_share_upper_95,
    case when is_shown and shows_clicked then click_to_order_rate end as click_to_order_rate
), is_withheld
from marked where is_shown or clicks is not null or cost is not null
union all by name
select month, {NAMES}, sum(orders)::bigint as orders,
    sum(order_revenue)::decimal(38, 6) as order_revenue, true as is_withheld
from grouped where group_campaign is not null and not is_alone
group by month, {GROUP} having sum(orders) > 0
union all by name
select month, {WITHHELD}, true as is_withheld from ({SHUT.format(first="orders")})
"""


def _shows(measure: str, slice_: str = "c.level", channel: str = "c.channel") -> str:
    return f"""exists (select 1 from held.shown as s
            where s.measure = '{measure}' and s.period_grain = 'month' and s.period_start = c.month
            and s.slice = {slice_} and s.slice_value = {channel})"""


def _of_kind(measure: str) -> str:
    """Return whether the measure may be shown for the row `c`, a kind or a platform of a kind."""
    kind = f"(c.level = 'channel_kind' and {_shows(measure)})"
    platform = _shows(measure, "'platform of a kind'", "c.channel_kind || '/' || c.channel")
    return f"({kind} or (c.level = 'platform' and {platform}))"


def _only(condition: str, columns: str) -> str:
    return ", ".join(f'case when {condition} then "{c}" end as "{c}"' for c in columns.split())


SUPPORT = f"""
with marked as (
    select c.*,
        {_of_kind("requests_resolved")} as shows_resolved,
        {_of_kind("requests_with_response_time")} as shows_response,
        {_of_kind("requests_with_resolution_time")} as shows_resolution,
        {_of_kind("requests_rated")} as shows_rated,
        {_of_kind("satisfaction_points")} as shows_points,
        {_shows("support_requests", "'channel_kind'", "'conventional'")}
            and {_shows("requests_resolved", "'channel_kind'", "'conventional'")}
            as shows_conventional
    from marts.kpi_support_channels as c where {_of_kind("support_requests")}
)
select * exclude (shows_resolved, shows_response, shows_resolution, shows_rated, shows_points,
    shows_conventional) replace (
    {
    _only(
        "shows_resolved",
        '''resolved resolution_rate resolution_rate_lower_95
        resolution_rate_upper_95''',
    )
},
    {
    _only(
        "shows_response",
        '''hours_to_first_response hours_to_first_response_lower_95
        hours_to_first_response_upper_95''',
    )
},
    {
    _only(
        "shows_resolution",
        '''hours_to_resolution hours_to_resolution_lower_95
        hours_to_resolution_upper_95''',
    )
},
    {_only("shows_rated", "rated_share")},
    {_only("shows_rated and shows_points", "satisfaction")},
    {_only("shows_conventional", "conventional_requests conventional_resolution_rate")},
    {
    _only(
        "shows_conventional and shows_resolved",
        '''difference difference_lower_95
        difference_upper_95 verdict''',
    )
}
), not (shows_resolved and shows_response and shows_resolution and shows_rated and shows_points)
    as is_withheld
from marked
union all by name
select month, level, 'withheld' as channel, 'withheld' as channel_kind, mature, true as is_withheld
from (select month from held.months where measure = 'support_requests')
cross join (select unnest(['channel_kind', 'platform']) as level)
inner join (
    select month, bool_and(mature) as mature from marts.kpi_support_channels group by month
) using (month)
where (select count(*) from held."values" as v where v.slice = level) > (
    select count(*) from held.shown as s where s.measure = 'support_requests'
        and s.period_grain = 'month' and s.period_start = month and s.slice = level
)
"""


def _funnel(table: str, first: str) -> tuple[str, str]:
    hidden = ", ".join(f"case when not hides_share then {c} end as {c}" for c in SHARES.split())
    sql = FUNNEL.format(table=table, first=first, shares=hidden)
    return sql, (
        "is_withheld: campaigns that are too small alone are one row, `withheld`; a stage that is "
        "too small is null"
    )


TABLES = {
    "kpi_recruiting_funnel": _funnel("kpi_recruiting_funnel", "kpi_recruiting_funnel.applied"),
    "kpi_sales_funnel": _funnel("kpi_sales_funnel", "kpi_sales_funnel.lead"),
    "kpi_commerce": (
        COMMERCE,
        "is_withheld: what counts orders is null; campaigns that are too small alone are summed in "
        "one row, `withheld`",
    ),
    "kpi_support_channels": (
        SUPPORT,
        "is_withheld: what is too small is null; a channel that is too small has no row, and one "
        "row `withheld` says so",
    ),
}
