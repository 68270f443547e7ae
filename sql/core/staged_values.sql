-- One row per source of small-area figures, file, small area, period and publisher's column, as staged.
select
    'census_2021' as source, file, small_area_code, period, period_start, period_end, publisher_column,
    publisher_value
from stage.census_2021
union all
select
    'indices_of_deprivation', file, small_area_code, period, period_start, period_end, publisher_column,
    publisher_value
from stage.indices_of_deprivation
union all
select
    'fuel_poverty', file, small_area_code, period, period_start, period_end, publisher_column,
    publisher_value
from stage.fuel_poverty
union all
select
    'epc', file, small_area_code, period, period_start, period_end, publisher_column,
    publisher_value
from core.dwelling_counts
union all
select
    'claimant_count', file, small_area_code, period, period_start, period_end, publisher_column,
    publisher_value
from stage.claimant_count
union all
select
    'population', file, small_area_code, period, period_start, period_end, publisher_column,
    publisher_value
from stage.population
union all
-- a row each is added up; one number that the partner withheld makes the whole unknown
select
    return_id, file, code, period, period_start, period_end, return_id,
    case when count(number) = count(*) then sum(number) end::decimal(18, 6)
from core.returned
where placed_by in ('lsoa21', 'lsoa11') and fault is null
group by all
union all
select
    return_id, file, small_area_code, period, period_start, period_end, return_id, 0::decimal(18, 6)
from core.returned_zeros
