-- One row per small area, year and age group of a population table.
with by_age as (
    unpivot raw.population
    on columns(* exclude (
        file, title, row_number, small_area_code, small_area_name, year, publisher_column, publisher_value
    ))
    into name age_column value age_text
),

long as (
    select file, row_number, small_area_code, year, publisher_column, publisher_value as publisher_text
    from raw.population
    where publisher_column is not null
    union all
    -- the single-year table says its year in its name only
    select
        file, row_number, small_area_code, regexp_extract(file, '(20\d\d)', 1) as year, age_column, age_text
    from by_age
    where publisher_column is null and age_column <> '_'
)

select
    file,
    row_number,
    trim(small_area_code) as small_area_code,
    left(year, 4) as period,
    try_strptime(left(year, 4) || '-06-30', '%Y-%m-%d')::date as period_start,
    try_strptime(left(year, 4) || '-06-30', '%Y-%m-%d')::date as period_end,
    publisher_column,
    try_cast(publisher_text as decimal(18, 6)) as publisher_value,
    case
        when try_strptime(left(year, 4) || '-06-30', '%Y-%m-%d') is null
            then 'no year is given in the rows nor in the file''s name'
        when not coalesce(regexp_matches(trim(small_area_code), '^[A-Z]01\d{6}$'), false)
            then 'not a small-area code: ' || coalesce(small_area_code, 'blank')
        when try_cast(publisher_text as decimal(18, 6)) is null
            then 'not a number: ' || coalesce(publisher_text, 'blank')
        when try_cast(publisher_text as decimal(18, 6)) < 0 then 'a count below zero: ' || publisher_text
    end as fault
from long
