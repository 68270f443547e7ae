-- One row per file of crimes or collisions and month: rows read, and whether they were placed in the place, outside it, or nowhere.
with placed as (
    select
        e.file,
        e.month,
        e.x is not null as has_coordinates,
        coalesce(a.in_place, false) as in_place
    from core.located_events as e
    left join core.points as p on p.x = e.x and p.y = e.y and p.crs = e.crs
    left join (
        select distinct point_id, true as in_place from geo.point_areas where area_kind = 'place' and by_edge
    ) as a on a.point_id = p.point_id
    where e.source in ('police_crime', 'stats19')
)

select
    file,
    month,
    count(*) as rows_read,
    count(*) filter (has_coordinates and in_place) as placed_inside,
    count(*) filter (has_coordinates and not in_place) as placed_outside,
    count(*) filter (not has_coordinates) as unplaced
from placed
group by file, month
order by file, month
