-- One row per source, measure, period, area and assignment (its edge, or 50 m in or out) with the prices, in pounds, of its events.
with wanted as (
    select distinct source, measure, period_rule from catalogue.indicators where method = 'median'
),

placed as (
    select
        point_id, area_kind, edition, area_code,
        unnest(list_filter(
            [
                case when by_edge then 'declared' end,
                case when by_edge and not near_edge then '50 m in' end,
                case when by_edge or near_edge then '50 m out' end
            ],
            lambda assignment: assignment is not null
        )) as assignment
    from geo.point_areas
)

select
    w.source,
    w.measure,
    w.period_rule,
    n.period,
    n.period_start,
    n.period_end,
    a.area_kind,
    a.edition,
    a.area_code,
    a.assignment,
    median(e.amount) as median_amount,
    list(e.amount order by e.amount) as amounts
from wanted as w
join core.windows as n on n.source = w.source and n.period_rule = w.period_rule
join core.measure_columns as c on c.source = w.source and c.measure = w.measure
join core.located_events as e on e.source = w.source and e.kind = c.publisher_column and e.month = n.month
join core.points as p on p.x = e.x and p.y = e.y and p.crs = e.crs
join placed as a on a.point_id = p.point_id
group by all
order by w.source, w.measure, w.period_rule, n.period_start, a.area_kind, a.edition, a.area_code, a.assignment
