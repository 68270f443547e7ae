-- One row per file of figures of MSOAs: how many of its codes the lookup of 2021 knows, and whether they are those of 2011.
with ours as (
    select distinct p.msoa_code
    from core.msoa_parts as p
    join core.small_areas as s using (small_area_code)
    where s.in_place
),

known as (
    select distinct msoa_code from core.msoa_parts
),

codes as (
    select distinct file, area_code as msoa_code from stage.local_health where area_code is not null
),

counted as (
    select
        c.file,
        count(*) as codes,
        count(*) filter (k.msoa_code is null) as unknown,
        (select count(*) from ours) - count(o.msoa_code) as missing
    from codes as c
    left join known as k using (msoa_code)
    left join ours as o using (msoa_code)
    group by c.file
)

select
    file,
    codes,
    unknown,
    missing,
    -- most codes are in both sets: it names some that 2021 has not, and lacks some of the place that it has
    unknown > 0 and missing > 0 as is_earlier
from counted
order by file
