-- One row per row of a kept file that could not be read, with the reason: counted, never dropped in silence.
with lost as (
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
),

protected as (
    select distinct source || '.zip' as file from catalogue.indicators where threshold > 1
)

select
    l.source, l.file, l.row_number,
    -- where one person was is not told, be it as a row that cannot be read
    case when p.file is null then l.fault else split_part(l.fault, ': ', 1) end as fault
from lost as l
left join protected as p on p.file = l.file and l.source = 'partner_return'
order by l.source, l.file, l.row_number
