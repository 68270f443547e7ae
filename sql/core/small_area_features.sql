-- One row per 2021 small area and feature by which places are called alike: what it counts, and of how many; the newest figures in hand.
with wanted as (
    select source, measure from core.peer_features
    union
    select of_source, of_measure from core.peer_features
),

newest as (
    select v.source, v.measure, v.small_area_code, arg_max(v.value, v.period_end)::double as value
    from core.small_area_values as v
    semi join wanted as w on w.source = v.source and w.measure = v.measure
    where v.value is not null
    group by v.source, v.measure, v.small_area_code
),

measured as (
    select
        f.position, f.feature, a.small_area_code,
        case f.kind when 'score' then n.value * d.value else n.value end as numerator,
        d.value as denominator
    from core.peer_features as f
    join newest as n on n.source = f.source and n.measure = f.measure
    join newest as d
        on d.source = f.of_source and d.measure = f.of_measure and d.small_area_code = n.small_area_code
    join core.small_areas as a on a.small_area_code = n.small_area_code
    where d.value > 0
),

residents as (
    select small_area_code, arg_max(value, source = 'population') as people
    from newest
    where (source = 'population' and measure = 'all_ages') or (source = 'indices_of_deprivation' and measure = 'population')
    group by small_area_code
)

select position, feature, small_area_code, numerator, denominator
from measured
union all
select 10, 'residents in rural small areas', a.small_area_code, r.people * (a.rural_or_urban = 'Rural')::integer, r.people
from core.small_areas as a
join residents as r using (small_area_code)
where a.rural_or_urban is not null
order by position, small_area_code
