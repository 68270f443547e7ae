-- One row per source, month and partition made of whole small areas: what its areas add up to, against the whole place.
with monthly as (
    select c.source, c.month, a.area_kind, sum(c.events)::bigint as events
    from core.event_counts as c
    join geo.point_areas as a using (point_id)
    where a.by_edge
    group by all
)

select
    p.source, p.month, k.area_kind,
    coalesce(m.events, 0) as events,
    p.events as events_in_place,
    coalesce(m.events, 0) - p.events as difference
from monthly as p
cross join catalogue.area_kinds as k
left join monthly as m on m.source = p.source and m.month = p.month and m.area_kind = k.area_kind
where p.area_kind = 'place' and k.is_partition and k.is_built and k.is_exact
order by p.source, p.month, k.area_kind
