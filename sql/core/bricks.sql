-- One row per area and small area that is counted whole in it: by its list, or where its population-weighted centroid lies.
with chosen as (
    select
        area_kind, edition,
        case when bool_or(assignment = 'best_fit') then 'best_fit' else 'declared' end as assignment
    from geo.area_weights
    group by area_kind, edition
    -- of a kind that shares its small areas out, and has no other rule for whole ones, none is whole
    having bool_or(assignment = 'best_fit') or bool_and(weight = 1) filter (assignment = 'declared')
)

select w.area_kind, w.edition, w.area_code, w.small_area_code, w.assignment
from geo.area_weights as w
join chosen as c on c.area_kind = w.area_kind and c.edition = w.edition and c.assignment = w.assignment
where w.weight > 0
order by w.area_kind, w.edition, w.area_code, w.small_area_code
