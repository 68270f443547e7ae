-- One row per row of a kept file that could not be read, with the reason: counted, never dropped in silence.
select source, file, row_number, fault
from stage.quarantine
union all
select 'partner_return', file, row_number, fault
from core.returned
where fault is not null
union all
select 'partner_return', r.file, r.row_number, 'no ' || r.area_kind || ' has the code ' || r.code
from core.returned as r
anti join geo.areas as a on a.area_kind = r.area_kind and a.area_code = r.code
where r.placed_by = 'area'
order by source, file, row_number
