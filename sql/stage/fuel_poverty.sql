-- One row per small area and column of the workbook's small-area table; its footnotes are left out.
with rows_with_data as (
    -- a footnote, a source line or a closing blank row has text in one cell at most
    select *
    from raw.fuel_poverty
    where small_area_name is not null or regexp_matches(small_area_code, '^[A-Z]01')
),

long as (
    unpivot rows_with_data
    on columns(* exclude (
        file, title, row_number, small_area_code, small_area_name, authority_code, authority_name, region
    ))
    into name publisher_column value publisher_text
),

dated as (
    select *, regexp_extract(title, ', (20\d\d)', 1) as year
    from long
)

select
    file,
    row_number,
    trim(small_area_code) as small_area_code,
    year as period,
    try_strptime(year || '-01-01', '%Y-%m-%d')::date as period_start,
    try_strptime(year || '-12-31', '%Y-%m-%d')::date as period_end,
    publisher_column,
    try_cast(publisher_text as decimal(18, 6)) as publisher_value,
    case
        when year = '' then 'the title above the table names no year: ' || title
        when not coalesce(regexp_matches(trim(small_area_code), '^[A-Z]01\d{6}$'), false)
            then 'not a small-area code: ' || coalesce(small_area_code, 'blank')
        when try_cast(publisher_text as decimal(18, 6)) is null then 'not a number: ' || publisher_text
        when try_cast(publisher_text as decimal(18, 6)) < 0 then 'a count below zero: ' || publisher_text
    end as fault
from dated
