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
    'population', file, small_area_code, period, period_start, period_end, publisher_column,
    publisher_value
from stage.population
