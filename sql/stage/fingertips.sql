-- One row per indicator, area and period of a Fingertips download, inequality rows left out; or per indicator of its metadata.
with periods as (
    select
        *,
        -- what is said of an indicator stands in a file of its own, without areas
        area_code is null and area_type is null and sex is null and period is null as is_metadata,
        try_cast(left(period, 4) as integer) as first_year,
        -- "2019 - 23" ends in 2023, "2013/14" at the end of a financial or school year
        try_cast(left(period, 2) || nullif(regexp_extract(period, '- ?(?:20)?(\d\d)$', 1), '') as integer) as last_year,
        regexp_matches(period, '^\d{4}/\d{2}$') as is_financial
    from raw.fingertips
    where coalesce(category_type, '') = ''
)

select
    file,
    row_number,
    trim(indicator) as indicator,
    -- number and name: a number mistaken, or given to something else, must not bear a figure of another thing
    concat_ws(': ', trim(indicator), nullif(trim(indicator_name), '')) as publisher_column,
    trim(area_code) as area_code,
    trim(area_name) as area_name,
    trim(area_type) as area_type,
    trim(sex) as sex,
    trim(age) as age,
    trim(period) as period,
    case when is_financial then make_date(first_year, 4, 1) else make_date(first_year, 1, 1) end as period_start,
    case
        when is_financial then make_date(first_year + 1, 3, 31)
        else make_date(coalesce(last_year, first_year), 12, 31)
    end as period_end,
    try_cast(publisher_value as decimal(18, 6)) as publisher_value,
    try_cast(lower_ci as decimal(18, 6)) as lower_ci,
    try_cast(upper_ci as decimal(18, 6)) as upper_ci,
    try_cast(numerator as decimal(18, 4)) as numerator,
    try_cast(denominator as decimal(18, 4)) as denominator,
    nullif(trim(value_note), '') as value_note,
    case when is_metadata then coalesce(trim(licence), '') end as licence,
    case
        when is_metadata then null
        when coalesce(trim(area_code), '') = '' then 'area code is blank'
        when first_year is null then 'not a period: ' || coalesce(period, 'blank')
        when coalesce(trim(publisher_value), '') <> '' and try_cast(publisher_value as decimal(18, 6)) is null
            then 'not a number: ' || publisher_value
    end as fault
from periods
