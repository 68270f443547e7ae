-- One row per postcode with coordinates, live or terminated, as the newest file has it.
select p.postcode, p.easting, p.northing, p.terminated, p.small_area_code
from stage.postcodes as p
left join catalogue.files as l on l.source = 'postcodes' and l.file = p.file
where p.easting is not null
qualify row_number() over (
    partition by p.postcode order by p.terminated nulls first, l.position desc, p.file desc
) = 1
order by p.postcode
