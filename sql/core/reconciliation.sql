-- One row per source, month and edition of a partition made of whole small areas: what its areas add up to, against the whole place.
with monthly as (
    select c.source, c.month, a.area_kind, a.edition, sum(c.events)::bigint as events
    from core.event_counts as c
    join geo.point_areas as a using (point_id)
    join geo.point_small_areas as h using (point_id)
    join core.small_areas as s on s.small_area_code = h.small_area_code
    where a.by_edge and s.in_place
        and c.source not in (select source from catalogue.indicators where threshold > 1)
    group by all
),

editions as (
    select distinct k.area_kind, a.edition
    from catalogue.area_kinds as k
    join geo.areas as a using (area_kind)
    where k.is_partition and k.is_built and k.is_exact
)

select
    p.source, p.month, k.area_kind, k.edition,
    coalesce(m.events, 0) as events,
    p.events as events_in_place,
    coalesce(m.events, 0) - p.events as difference
from monthly as p
cross join editions as k
left join monthly as m
    on m.source = p.source and m.month = p.month and m.area_kind = k.area_kind and m.edition = k.edition
where p.area_kind = 'place'
order by p.source, p.month, k.area_kind, k.edition
