-- One row per postcode, live or terminated; the postcode without spaces.
select
    file,
    row_number,
    upper(replace(postcode, ' ', '')) as postcode,
    -- quality 9 means that the publisher has no coordinates, whatever stands in their columns
    case when quality = '9' then null else try_cast(easting as integer) end as easting,
    case when quality = '9' then null else try_cast(northing as integer) end as northing,
    nullif(trim(terminated), '') as terminated,
    case
        when not regexp_matches(upper(replace(postcode, ' ', '')), '^[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}$')
            then 'not a postcode: ' || coalesce(postcode, 'blank')
    end as fault
from raw.postcodes
