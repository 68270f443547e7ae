-- One row per weighted mean, period, area and assignment: score times people, added up, and the people; missing if one is missing.
with wanted as (
    select indicator_id, source, measure, denominator_source, denominator_measure
    from catalogue.indicators
    where method = 'weighted_mean'
),

counted as (
    select distinct source, measure, counts from core.small_area_values
),

periods as (
    select distinct w.*, c.counts, v.period, v.period_start, v.period_end
    from wanted as w
    join core.small_area_values as v on v.source = w.source and v.measure = w.measure
    left join counted as c on c.source = w.denominator_source and c.measure = w.denominator_measure
),

weights as (
    -- the weight fits those who are divided by
    select
        p.*, a.area_kind, a.edition, a.area_code, a.assignment, a.small_area_code,
        case p.counts
            when 'households' then a.weight_households
            when 'children' then a.weight_children
            else a.weight
        end as weight
    from periods as p
    cross join geo.area_weights as a
)

select
    p.indicator_id,
    p.period,
    p.period_start,
    p.period_end,
    p.area_kind,
    p.edition,
    p.area_code,
    p.assignment,
    count(*) as small_areas,
    count(s.value + d.value) as small_areas_with_a_figure,
    case
        when count(s.value + d.value) = count(*)
        then sum(s.value::decimal(19, 4) * d.value::decimal(12, 2) * p.weight::decimal(10, 9))
    end::decimal(18, 4) as score_times_people,
    case when count(s.value + d.value) = count(*) then sum(d.value::decimal(24, 6) * p.weight) end::decimal(18, 6) as people
from weights as p
left join core.small_area_values as s
    on s.source = p.source and s.measure = p.measure and s.period = p.period
    and s.small_area_code = p.small_area_code
left join core.small_area_values as d
    on d.source = p.denominator_source and d.measure = p.denominator_measure and d.period = p.period
    and d.small_area_code = p.small_area_code
group by all
order by p.indicator_id, p.period_start, p.area_kind, p.edition, p.area_code, p.assignment
