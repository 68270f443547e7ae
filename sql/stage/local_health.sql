-- One row per indicator, MSOA, sex, age, period and column (value, count, denominator) of a download; or per indicator of its metadata.
with texts as (
    select
        *,
        -- what is said of an indicator stands in a file of its own, without areas
        area_code is null and area_type is null and sex is null and period is null as is_metadata,
        nullif(trim(value_text), '') as value_given,
        nullif(trim(numerator), '') as count_given,
        nullif(trim(denominator), '') as denominator_given,
        try_cast(left(period, 4) as integer) as first_year,
        -- "2019 - 23" and "2018/19 - 22/23" end in 2023, "2013/14" in 2014
        try_cast(left(period, 2) || nullif(regexp_extract(period, '(\d\d)$', 1), '') as integer) as last_year,
        contains(period, '/') as is_financial
    from raw.local_health
    -- the same indicator by deprivation, ethnic group or other categories
    where coalesce(trim(category_type), '') = ''
),

typed as (
    select
        *,
        try_cast(value_given as decimal(18, 6)) as value,
        try_cast(count_given as decimal(18, 6)) as counted,
        try_cast(denominator_given as decimal(18, 6)) as divided_by,
        regexp_matches(indicator_name, '(?i)standardi[sz]ed [a-z ]*ratio|\bS[AIM]R\b') as is_ratio
    from texts
    -- England and regions stand in the same file
    where is_metadata or trim(area_type) like 'MSOA%' or regexp_matches(trim(area_code), '^[A-Z]02')
),

parts as (
    select *, unnest(case when is_metadata then ['Metadata'] else ['Value', 'Count', 'Denominator'] end) as part
    from typed
)

select
    file,
    row_number,
    trim(indicator) as indicator,
    trim(area_code) as area_code,
    trim(period) as period,
    case when is_financial then make_date(first_year, 4, 1) else make_date(first_year, 1, 1) end as period_start,
    case when is_financial then make_date(last_year, 3, 31) else make_date(last_year, 12, 31) end as period_end,
    case
        when not is_metadata
        then concat_ws(': ', trim(indicator), trim(indicator_name), trim(sex), trim(age), part)
    end as publisher_column,
    case part when 'Value' then value when 'Count' then counted when 'Denominator' then divided_by end as publisher_value,
    nullif(trim(value_note), '') as value_note,
    case when is_metadata then coalesce(trim(licence), '') end as licence,
    case
        when coalesce(trim(indicator), '') = '' then 'indicator is blank'
        when is_metadata then null
        when not coalesce(regexp_matches(trim(area_code), '^[A-Z]02\d{6}$'), false)
            then 'not an MSOA code: ' || coalesce(area_code, 'blank')
        when first_year is null or last_year is null then 'not a period: ' || coalesce(period, 'blank')
        when value_given is not null and value is null then 'not a number: ' || value_given
        when count_given is not null and counted is null then 'not a number: ' || count_given
        when denominator_given is not null and divided_by is null then 'not a number: ' || denominator_given
        when counted < 0 or divided_by < 0 then 'a count below zero'
        -- only what was expected may be added up with what was observed
        when is_ratio and abs(100 * counted - value * divided_by) > 2 * counted + 100
            then 'its denominator is not the expected count: ' || count_given || ' of ' || denominator_given || ' is not '
                || value_given || ' per 100'
    end as fault
from parts
