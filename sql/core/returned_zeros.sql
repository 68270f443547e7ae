-- One row per period and small area that a return leaves out, where the partner says that those have none.
with complete as (
    select
        return_id, file, period, period_start, period_end,
        case any_value(placed_by) when 'lsoa21' then 2021 else 2011 end as vintage
    from core.returned
    where without_rows = 'none' and placed_by in ('lsoa21', 'lsoa11')
    group by return_id, file, period, period_start, period_end
),

unread as (
    -- a row that cannot be read may be any small area's: then none of them is known to have none
    select file from stage.quarantine where source = 'partner_return'
    union
    select file from core.returned where fault is not null
)

select r.return_id, r.file, r.period, r.period_start, r.period_end, c.small_area_code
from complete as r
join core.small_area_codes as c on c.vintage = r.vintage
anti join unread as u on u.file = r.file
anti join core.returned as l
    on l.file = r.file and l.period = r.period and l.code = c.small_area_code
order by r.return_id, r.period_start, c.small_area_code
