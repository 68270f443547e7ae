-- One row per source, measure, period and area: how many events fell in it; a covered period without events is a true zero.
with wanted as (
    select distinct source, measure, period_rule from catalogue.indicators where source_rows = 'events'
),

counted as (
    select e.source, c.measure, e.month, e.point_id, e.events
    from core.event_counts as e
    join core.measure_columns as c on c.source = e.source and c.publisher_column = e.kind
    join (select distinct source, measure from wanted) as w on w.source = c.source and w.measure = c.measure
),

spoken as (
    -- a kind that the publisher had not yet, or no longer, is not a kind that did not happen
    select source, measure, min(month) as first_month, max(month) as last_month
    from counted
    group by all
),

monthly as (
    select
        c.source, c.measure, c.month, a.area_kind, a.area_code,
        sum(c.events) filter (a.by_edge)::bigint as events,
        sum(c.events) filter (a.by_small_area)::bigint as events_in_small_areas
    from counted as c
    join geo.point_areas as a on a.point_id = c.point_id
    group by all
)

select
    w.source,
    w.measure,
    w.period_rule,
    n.period,
    n.period_start,
    n.period_end,
    a.area_kind,
    a.area_code,
    coalesce(sum(m.events), 0)::bigint as events,
    -- of the small areas counted in the area: what a rate of their residents is made from
    coalesce(sum(m.events_in_small_areas), 0)::bigint as events_in_small_areas,
    any_value(n.coverage_note) as coverage_note
from wanted as w
join core.windows as n on n.source = w.source and n.period_rule = w.period_rule
join spoken as s
    on s.source = w.source and s.measure = w.measure
    and n.period_start >= s.first_month and n.period_end <= last_day(s.last_month)
cross join geo.areas as a
left join monthly as m
    on m.source = w.source
    and m.measure = w.measure
    and m.month = n.month
    and m.area_kind = a.area_kind
    and m.area_code = a.area_code
group by all
order by w.source, w.measure, w.period_rule, n.period_start, a.area_kind, a.area_code
