-- One row per row of a partner's return, at its postcode's point if it has one; with the fault of a code that is not known.
select
    r.file,
    r.row_number,
    r.return_id,
    r.placed_by,
    r.without_rows,
    r.area_kind,
    r.period,
    r.period_start,
    r.period_end,
    coalesce(r.x, p.easting)::decimal(12, 6) as x,
    coalesce(r.y, p.northing)::decimal(12, 6) as y,
    coalesce(r.crs, 'EPSG:27700') as crs,
    r.code,
    r.number,
    case
        when r.postcode is not null and p.postcode is null
            then 'the postcode is not among those in hand: ' || r.postcode
        when r.placed_by in ('lsoa21', 'lsoa11') and c.small_area_code is null
            then 'no small area of ' || case r.placed_by when 'lsoa21' then 2021 else 2011 end || ': ' || r.code
                || case when o.small_area_code is not null then ' (it is one of ' || o.vintage || ')' else '' end
    end as fault
from stage.partner_return as r
left join core.postcodes as p on p.postcode = r.postcode
left join core.small_area_codes as c
    on c.small_area_code = r.code and c.vintage = case r.placed_by when 'lsoa21' then 2021 when 'lsoa11' then 2011 end
left join core.small_area_codes as o
    on o.small_area_code = r.code and o.vintage = case r.placed_by when 'lsoa21' then 2011 when 'lsoa11' then 2021 end
order by r.file, r.row_number
