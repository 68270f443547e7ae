-- One row per 2021 small area with the MSOA that it lies in, and its share of that one's residents.
with small_areas as (
    select
        max(msoa_code) as msoa_code,
        small_area_code,
        case when count(people) = count(*) then sum(people) end as people
    from core.output_areas
    where small_area_code is not null
    group by small_area_code
    having max(msoa_code) is not null
)

select
    small_area_code,
    msoa_code,
    -- one whose people are not known leaves its neighbours without a share
    case
        when count(people) over within = count(*) over within then people / nullif(sum(people) over within, 0)
    end::decimal(12, 10) as share_people
from small_areas
window within as (partition by msoa_code)
order by small_area_code
