-- One row per source, measure, period and area with the sorted amounts (prices, in pounds) of its events.
with wanted as (
    select distinct source, measure, period_rule from catalogue.indicators where method = 'median'
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
    median(e.amount) as median_amount,
    list(e.amount order by e.amount) as amounts
from wanted as w
join core.windows as n on n.source = w.source and n.period_rule = w.period_rule
join core.measure_columns as c on c.source = w.source and c.measure = w.measure
join core.located_events as e on e.source = w.source and e.kind = c.publisher_column and e.month = n.month
join core.points as p on p.x = e.x and p.y = e.y and p.crs = e.crs
join geo.point_areas as a on a.point_id = p.point_id and a.by_edge
group by all
order by w.source, w.measure, w.period_rule, n.period_start, a.area_kind, a.area_code
