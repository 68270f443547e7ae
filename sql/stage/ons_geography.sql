-- One row per small area and column of a lookup.
with long as (
    unpivot raw.ons_geography
    on columns(* exclude (file, title, row_number, small_area_code))
    into name publisher_column value publisher_text
)

select
    file,
    row_number,
    trim(small_area_code) as small_area_code,
    publisher_column,
    trim(publisher_text) as publisher_text,
    case
        when not coalesce(regexp_matches(trim(small_area_code), '^[A-Z]01\d{6}$'), false)
            then 'not a small-area code: ' || coalesce(small_area_code, 'blank')
    end as fault
from long
