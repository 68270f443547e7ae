-- One row per indicator and period for which the source gives England: as it publishes it, or added up from its small areas (999 in 1,000 at least).
with every_small_area as (
    -- of England's small areas there are so many, by vintage (Office for National Statistics)
    select vintage, small_areas from (values (2011, 32844), (2021, 33755)) as v (vintage, small_areas)
),

added_up as (
    -- a handful of small areas without people, or withheld, are left out on both sides
    select
        i.indicator_id, n.period,
        case i.method
            when 'weighted_mean' then sum(n.value::double * d.value::double) / nullif(sum(d.value::double), 0)
            else sum(n.value)::double / nullif(sum(d.value)::double, 0) * i.per
        end as value
    from catalogue.indicators as i
    join core.observations as n on n.source = i.source and n.measure = i.measure
    join evidence.denominator_periods as p on p.indicator_id = i.indicator_id and p.period = n.period
    join core.observations as d
        on d.source = i.denominator_source and d.measure = i.denominator_measure
        and d.period = p.denominator_period and d.vintage = n.vintage and d.small_area_code = n.small_area_code
    join every_small_area as e on e.vintage = n.vintage
    where i.method in ('rate', 'proportion', 'weighted_mean')
        and starts_with(n.small_area_code, 'E01') and n.value is not null and d.value is not null
    group by i.indicator_id, i.method, i.per, n.period
    having count(*) >= 0.999 * any_value(e.small_areas)
),

published as (
    select i.indicator_id, p.period, p.publisher_value::double as value
    from catalogue.indicators as i
    join core.published as p on p.source = i.source and p.measure = i.measure
    where i.method = 'as_published' and regexp_matches(p.area_code, '^[EX]92000001$') and p.publisher_value is not null
)

from added_up
union all
from published
order by indicator_id, period
