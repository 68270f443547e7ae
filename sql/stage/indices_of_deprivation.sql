-- One row per small area and column of File 7.
with long as (
    unpivot raw.indices_of_deprivation
    on columns(* exclude (
        file, title, row_number, small_area_code, small_area_name, authority_code, authority_name
    ))
    into name publisher_column value publisher_text
)

select
    file,
    row_number,
    trim(small_area_code) as small_area_code,
    '2025' as period,
    date '2025-10-30' as period_start,
    date '2025-10-30' as period_end,
    publisher_column,
    try_cast(publisher_text as decimal(18, 6)) as publisher_value,
    case
        when not coalesce(regexp_matches(trim(small_area_code), '^[A-Z]01\d{6}$'), false)
            then 'not a small-area code: ' || coalesce(small_area_code, 'blank')
        when try_cast(publisher_text as decimal(18, 6)) is null then 'not a number: ' || publisher_text
    end as fault
from long
