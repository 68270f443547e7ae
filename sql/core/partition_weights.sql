-- One row per kind declared a partition and small area of the place: its weights there must sum to one.
select k.area_kind, s.small_area_code, coalesce(sum(w.weight), 0)::double as weight_sum
from catalogue.area_kinds as k
cross join core.small_areas as s
left join geo.area_weights as w on w.area_kind = k.area_kind and w.small_area_code = s.small_area_code
where k.is_built and (k.is_partition or k.area_kind = 'place') and s.in_place
group by k.area_kind, s.small_area_code
order by k.area_kind, s.small_area_code
