-- One row per small area and column of File 7; the columns of the earlier edition begin with its year.
with long as (
    unpivot raw.indices_of_deprivation
    on columns(* exclude (
        file, title, row_number, small_area_code, earlier_small_area_code, small_area_name, authority_code,
        authority_name
    ))
    into name publisher_column value publisher_text
),

dated as (
    select
        * exclude (small_area_code),
        -- two editions are never one series: neither period nor column nor measure is shared
        earlier_small_area_code is not null as is_earlier,
        trim(coalesce(small_area_code, earlier_small_area_code)) as small_area_code
    from long
)

select
    file,
    row_number,
    small_area_code,
    case when is_earlier then '2019' else '2025' end as period,
    case when is_earlier then date '2019-09-26' else date '2025-10-30' end as period_start,
    case when is_earlier then date '2019-09-26' else date '2025-10-30' end as period_end,
    case when is_earlier then '2019: ' else '' end || publisher_column as publisher_column,
    try_cast(publisher_text as decimal(18, 6)) as publisher_value,
    case
        when not coalesce(regexp_matches(small_area_code, '^[A-Z]01\d{6}$'), false)
            then 'not a small-area code: ' || coalesce(small_area_code, 'blank')
        when try_cast(publisher_text as decimal(18, 6)) is null then 'not a number: ' || publisher_text
    end as fault
from dated
