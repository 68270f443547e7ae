-- One row per locality and place that is like it: a group of as many small areas, where it lies and how far off it is.
select
    p.area_kind,
    p.area_code,
    regexp_replace(a.area_name, '^([=+@\t\r-])', '''\1') as area_name,
    nullif(p.edition, '') as edition,
    p.coverage,
    p.peer,
    round(p.distance, 6) as distance,
    s.small_area_code as centre_code,
    s.small_area_name as centre_name,
    count(*) over locality as small_areas,
    string_agg(p.small_area_code, ' ') over locality as small_area_codes
from evidence.peer_members as p
join geo.areas as a using (area_kind, edition, area_code)
join catalogue.area_kinds as k using (area_kind)
left join core.small_areas as s on s.small_area_code = p.small_area_code
window locality as (
    partition by p.coverage, p.area_kind, p.edition, p.area_code, p.peer order by p.small_area_code
    rows between unbounded preceding and unbounded following
)
qualify p.is_centre
order by k.position, p.area_code, p.edition, p.coverage desc, p.peer
