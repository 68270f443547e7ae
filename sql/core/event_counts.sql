-- One row per source, kind of event, month and point; events without coordinates have no point.
select e.source, e.kind, e.month, p.point_id, count(*) as events, sum(e.weight)::decimal(18, 6) as weight
from core.located_events as e
left join core.points as p on p.x = e.x and p.y = e.y and p.crs = e.crs
group by all
