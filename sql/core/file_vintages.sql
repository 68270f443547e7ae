-- One row per file of small-area figures: which small areas (2011 or 2021) its codes are of, and codes of neither.
with codes as (
    select distinct source, file, small_area_code from core.staged_values
),

known as (
    select code_2011 as small_area_code, 2011 as vintage from core.small_area_changes
    union
    select code_2021, 2021 from core.small_area_changes
    union
    select small_area_code, 2021 from core.small_areas
),

vintages as (
    select small_area_code, bool_or(vintage = 2011) as in_2011, bool_or(vintage = 2021) as in_2021
    from known
    group by small_area_code
)

select
    c.file,
    c.source,
    count(*) as codes,
    count(*) filter (v.in_2011 and not v.in_2021) as only_2011,
    count(*) filter (v.in_2021 and not v.in_2011) as only_2021,
    count(*) filter (v.small_area_code is null) as unknown,
    min(c.small_area_code) filter (v.small_area_code is null) as an_unknown_code,
    -- most codes are in both sets; those in one only tell which it is
    case when only_2011 > only_2021 then 2011 else 2021 end as vintage,
    only_2011 > 0 and only_2021 > 0 as is_mixed
from codes as c
left join vintages as v using (small_area_code)
group by c.source, c.file
order by c.source, c.file
