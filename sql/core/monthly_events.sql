-- One row per source, measure, month and area with events: how many, inside its edge and in its small areas, and with the edge 50 m in or out.
with wanted as (
    select distinct source, measure from catalogue.indicators where source_rows = 'events'
),

counted as (
    select
        e.source, c.measure, e.month, e.point_id,
        case when m.weighted then e.weight else e.events end::decimal(18, 6) as events
    from core.event_counts as e
    join core.measure_columns as c on c.source = e.source and c.publisher_column = e.kind
    join wanted as w on w.source = c.source and w.measure = c.measure
    left join (select distinct source, measure, weighted from catalogue.measures) as m
        on m.source = c.source and m.measure = c.measure
)

select
    c.source, c.measure, c.month, a.area_kind, a.edition, a.area_code,
    sum(c.events) filter (a.by_edge) as events,
    sum(c.events) filter (a.by_edge and not a.near_edge) as events_in,
    sum(c.events) filter (a.by_edge or a.near_edge) as events_out,
    sum(c.events) filter (a.by_small_area) as bricks,
    sum(c.events) filter (a.by_small_area and not a.near_small_area) as bricks_in,
    sum(c.events) filter (a.by_small_area or a.near_small_area) as bricks_out
from counted as c
join geo.point_areas as a on a.point_id = c.point_id
group by all
order by c.source, c.measure, c.month, a.area_kind, a.edition, a.area_code
