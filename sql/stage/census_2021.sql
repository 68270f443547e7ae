-- One row per small area and category of a census topic table.
with long as (
    unpivot raw.census_2021
    on columns(* exclude (
        file, title, row_number, date, small_area_code, small_area_name
    ))
    into name publisher_column value publisher_text
)

select
    file,
    row_number,
    trim(small_area_code) as small_area_code,
    '2021' as period,
    date '2021-03-21' as period_start,
    date '2021-03-21' as period_end,
    publisher_column,
    try_cast(publisher_text as decimal(18, 6)) as publisher_value,
    case
        when not coalesce(regexp_matches(trim(small_area_code), '^[A-Z]01\d{6}$'), false)
            then 'not a small-area code: ' || coalesce(small_area_code, 'blank')
        when try_cast(publisher_text as decimal(18, 6)) is null then 'not a number: ' || publisher_text
        when try_cast(publisher_text as decimal(18, 6)) < 0 then 'a count below zero: ' || publisher_text
    end as fault
from long
