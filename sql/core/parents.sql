-- One row per area that lies whole in another: the smallest area, of any kind, that has all of its small areas and more.
with sizes as (
    select b.area_kind, b.edition, b.area_code, count(*) as small_areas,
        any_value(a.in_force_from) as in_force_from, any_value(a.in_force_to) as in_force_to
    from core.bricks as b
    join geo.areas as a using (area_kind, edition, area_code)
    group by all
),

shared as (
    select
        c.area_kind, c.edition, c.area_code,
        p.area_kind as parent_kind, p.edition as parent_edition, p.area_code as parent_code,
        count(*) as small_areas
    from core.bricks as c
    join core.bricks as p on p.small_area_code = c.small_area_code and p.area_kind <> c.area_kind
    group by all
)

select s.area_kind, s.edition, s.area_code, s.parent_kind, s.parent_edition, s.parent_code
from shared as s
join sizes as c on c.area_kind = s.area_kind and c.edition = s.edition and c.area_code = s.area_code
join sizes as p
    on p.area_kind = s.parent_kind and p.edition = s.parent_edition and p.area_code = s.parent_code
    and p.in_force_from <= c.in_force_to and p.in_force_to >= c.in_force_from
join catalogue.area_kinds as k on k.area_kind = s.parent_kind
where s.small_areas = c.small_areas and p.small_areas > c.small_areas
qualify row_number() over (
    partition by s.area_kind, s.edition, s.area_code
    order by p.small_areas, k.position, p.in_force_from desc, s.parent_code
) = 1
order by s.area_kind, s.edition, s.area_code
