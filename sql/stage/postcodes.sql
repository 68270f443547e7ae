-- One row per postcode, live or terminated; the postcode without spaces.
select
    file,
    row_number,
    upper(replace(postcode, ' ', '')) as postcode,
    -- quality 9 (in Code-Point Open 90) means that the publisher has no coordinates, whatever stands there
    case when coalesce(quality, '') not in ('9', '90') then nullif(try_cast(easting as integer), 0) end as easting,
    case when coalesce(quality, '') not in ('9', '90') then nullif(try_cast(northing as integer), 0) end as northing,
    nullif(trim(terminated), '') as terminated,
    -- pseudo codes and Scotland's data zones (S01) are no small areas
    nullif(regexp_extract(trim(small_area_code), '^[A-RT-Z]01\d{6}$'), '') as small_area_code,
    case
        when not coalesce(
            regexp_matches(upper(replace(postcode, ' ', '')), '^[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}$'), false
        )
            then 'not a postcode: ' || coalesce(postcode, 'blank')
    end as fault
from raw.postcodes
