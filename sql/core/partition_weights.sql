-- One row per edition of a kind declared a partition and small area of the place: its weights there must sum to one.
with editions as (
    select distinct k.area_kind, a.edition
    from catalogue.area_kinds as k
    join geo.areas as a using (area_kind)
    where k.is_built and (k.is_partition or k.area_kind = 'place')
)

select k.area_kind, k.edition, s.small_area_code, coalesce(sum(w.weight), 0)::double as weight_sum
from editions as k
cross join core.small_areas as s
left join geo.area_weights as w
    on w.area_kind = k.area_kind
    and w.edition = k.edition
    and w.assignment = 'declared'
    and w.small_area_code = s.small_area_code
where s.in_place
group by k.area_kind, k.edition, s.small_area_code
order by k.area_kind, k.edition, s.small_area_code
