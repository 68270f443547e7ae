-- One row per area and month of crimes in which none of any type is recorded in it, though ten or more were to be expected: missing, not zero.
with monthly as (
    select a.area_kind, a.edition, a.area_code, e.month, sum(e.events) as events
    from core.event_counts as e
    join geo.point_areas as a on a.point_id = e.point_id and (a.by_small_area or a.by_edge)
    where e.source = 'police_crime'
    group by all
),

usual as (
    -- of the months that have any: an area that is silent for long is not expected to be
    select area_kind, edition, area_code, avg(events) as events_expected
    from monthly
    semi join core.coverage as c on c.source = 'police_crime' and c.month = monthly.month
    group by all
    having avg(events) >= 10
)

select u.area_kind, u.edition, u.area_code, c.source, c.month, round(u.events_expected, 1) as events_expected
from usual as u
cross join core.coverage as c
anti join monthly as m
    on m.area_kind = u.area_kind and m.edition = u.edition and m.area_code = u.area_code and m.month = c.month
where c.source = 'police_crime'
order by u.area_kind, u.edition, u.area_code, c.month
