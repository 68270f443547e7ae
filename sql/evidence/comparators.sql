-- One row per cell: what else it is set against: the locality that it lies in, and England.
with values_of_areas as (
    select indicator_id, area_kind, edition, area_code, period, value from evidence.cells where value is not null
)

select
    c.indicator_id,
    c.area_kind,
    c.edition,
    c.area_code,
    c.period,
    case when v.value is not null then a.area_name end as parent,
    v.value as parent_value,
    e.value as england_value
from evidence.cells as c
left join core.parents as o
    on o.area_kind = c.area_kind and o.edition = c.edition and o.area_code = c.area_code and o.parent_kind <> 'place'
left join geo.areas as a
    on a.area_kind = o.parent_kind and a.edition = o.parent_edition and a.area_code = o.parent_code
left join values_of_areas as v
    on v.indicator_id = c.indicator_id and v.area_kind = o.parent_kind and v.edition = o.parent_edition
    and v.area_code = o.parent_code and v.period = c.period
left join evidence.england as e on e.indicator_id = c.indicator_id and e.period = c.period
order by c.indicator_id, c.area_kind, c.area_code, c.period_start nulls first, c.period
