-- One row per source, measure, period and area: how many events fell in it; a covered period without events is a true zero.
with wanted as (
    select distinct source, measure, period_rule from catalogue.indicators where source_rows = 'events'
),

monthly as (
    select e.source, c.measure, e.month, a.area_kind, a.area_code, sum(e.events)::bigint as events
    from core.event_counts as e
    join core.measure_columns as c on c.source = e.source and c.publisher_column = e.kind
    join (select distinct source, measure from wanted) as w on w.source = c.source and w.measure = c.measure
    join geo.point_areas as a on a.point_id = e.point_id
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
    any_value(n.coverage_note) as coverage_note
from wanted as w
join core.windows as n on n.source = w.source and n.period_rule = w.period_rule
cross join geo.areas as a
left join monthly as m
    on m.source = w.source
    and m.measure = w.measure
    and m.month = n.month
    and m.area_kind = a.area_kind
    and m.area_code = a.area_code
group by all
order by w.source, w.measure, w.period_rule, n.period_start, a.area_kind, a.area_code
