-- One row per area and small area counted in it, with the rule and the weight; points are given by their small area or edge.
select
    w.area_kind,
    w.area_code,
    a.area_name,
    w.small_area_code,
    s.small_area_name,
    2021 as vintage,
    w.rule,
    w.weight
from geo.area_weights as w
join geo.areas as a on a.area_kind = w.area_kind and a.area_code = w.area_code
join catalogue.area_kinds as k on k.area_kind = w.area_kind
left join core.small_areas as s on s.small_area_code = w.small_area_code
order by k.position, w.area_code, w.small_area_code
