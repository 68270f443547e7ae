-- One row per small area and month of a claimant count answer; a withheld figure is null.
with dated as (
    select
        *,
        coalesce(try_strptime(trim(month), '%Y-%m'), try_strptime(trim(month), '%B %Y'))::date as month_start,
        nullif(trim(publisher_value), '') as value_text
    from raw.claimant_count
)

select
    file,
    row_number,
    trim(small_area_code) as small_area_code,
    strftime(month_start, '%Y-%m') as period,
    month_start as period_start,
    last_day(month_start) as period_end,
    'claimants' as publisher_column,
    -- Q stands for withheld or missing, whatever else the row says: never zero
    case when coalesce(trim(status), '') <> 'Q' then try_cast(value_text as decimal(18, 6)) end as publisher_value,
    case
        when month_start is null then 'not a month: ' || coalesce(month, 'blank')
        when not coalesce(regexp_matches(trim(small_area_code), '^[A-Z]01\d{6}$'), false)
            then 'not a small-area code: ' || coalesce(small_area_code, 'blank')
        -- left out of the query, each of these comes in all its categories
        when trim(claimed) <> '1' then 'not a count of claimants (measure ' || claimed || ')'
        when trim(gender) <> '0' then 'of one sex only (gender ' || gender || ')'
        when trim(age) <> '0' then 'of one age only (age ' || age || ')'
        when value_text is not null and try_cast(value_text as decimal(18, 6)) is null
            then 'not a number: ' || value_text
        when try_cast(value_text as decimal(18, 6)) < 0 then 'a count below zero: ' || value_text
    end as fault
from dated
