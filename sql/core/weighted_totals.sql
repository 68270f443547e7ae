-- One row per weighted mean, period, area and assignment: score times people, added up, and the people; missing if one is missing.
with wanted as (
    select indicator_id, source, measure, denominator_source, denominator_measure
    from catalogue.indicators
    where method = 'weighted_mean'
),

counted as (
    select distinct source, measure, counts from core.small_area_values
),

earlier as (
    select distinct source, measure, period, period_start, period_end
    from core.observations
    where vintage = 2011 and counts = 'score'
),

pairs as (
    select
        w.indicator_id, s.period, s.period_start, s.period_end, s.small_area_code,
        (s.value::decimal(19, 4) * d.value::decimal(12, 2))::decimal(28, 6) as score_times_people,
        d.value as people,
        d.shared_out
    from wanted as w
    join core.small_area_values as s on s.source = w.source and s.measure = w.measure
    left join core.small_area_values as d
        on d.source = w.denominator_source and d.measure = w.denominator_measure and d.period = s.period
        and d.small_area_code = s.small_area_code
    union all
    -- a score of 2011 small areas is never shared out; score times people is, as the people are
    select
        w.indicator_id, e.period, e.period_start, e.period_end, c.code_2021,
        case
            when count(s.value + d.value + c.share_people) = count(*)
            then sum((s.value::decimal(19, 4) * d.value::decimal(12, 2))::decimal(24, 6) * c.share_people)
        end::decimal(28, 6),
        case
            when count(d.value + c.share_people) = count(*) then sum(d.value::decimal(24, 6) * c.share_people)
        end::decimal(18, 6),
        bool_or(c.change = 'S')
    from wanted as w
    join earlier as e on e.source = w.source and e.measure = w.measure
    cross join core.small_area_changes as c
    left join core.observations as s
        on s.source = w.source and s.measure = w.measure and s.period = e.period and s.vintage = 2011
        and s.small_area_code = c.code_2011
    left join core.observations as d
        on d.source = w.denominator_source and d.measure = w.denominator_measure and d.period = e.period
        and d.vintage = 2011 and d.small_area_code = c.code_2011
    group by all
),

periods as (
    select distinct w.*, c.counts, v.period, v.period_start, v.period_end
    from wanted as w
    join pairs as v using (indicator_id)
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
    count(v.score_times_people) as small_areas_with_a_figure,
    case
        when count(v.score_times_people) = count(*)
        then sum(v.score_times_people * p.weight::decimal(10, 9))
    end::decimal(18, 4) as score_times_people,
    case
        when count(v.score_times_people) = count(*) then sum(v.people::decimal(24, 6) * p.weight)
    end::decimal(18, 6) as people,
    coalesce(bool_or(v.shared_out), false) as shared_out
from weights as p
left join pairs as v
    on v.indicator_id = p.indicator_id and v.period = p.period and v.small_area_code = p.small_area_code
group by all
order by p.indicator_id, p.period_start, p.area_kind, p.edition, p.area_code, p.assignment
