-- One row per source, measure, period, area and assignment: its small areas' figures, weighted and added up; missing if one is missing.
with wanted as (
    select source, measure from catalogue.indicators where source_rows = 'observations'
    union
    select denominator_source, denominator_measure from catalogue.indicators where denominator_measure <> ''
),

periods as (
    select distinct v.source, v.measure, v.counts, v.period, v.period_start, v.period_end
    from core.small_area_values as v
    join wanted as w on w.source = v.source and w.measure = v.measure
)

select
    p.source,
    p.measure,
    p.period,
    p.period_start,
    p.period_end,
    a.area_kind,
    a.edition,
    a.area_code,
    a.assignment,
    count(*) as small_areas,
    count(v.value) as small_areas_with_a_figure,
    -- the weight fits what is counted: homes by homes, children by children, the rest by people
    case
        when count(v.value) = count(*)
        then sum(v.value::decimal(24, 6) * case p.counts
            when 'households' then a.weight_households
            when 'children' then a.weight_children
            else a.weight
        end)
    end::decimal(18, 6) as total,
    coalesce(bool_or(v.shared_out), false) as shared_out,
    count(*) filter (v.irregular) as irregular_small_areas
from periods as p
cross join geo.area_weights as a
left join core.small_area_values as v
    on v.source = p.source
    and v.measure = p.measure
    and v.period = p.period
    and v.small_area_code = a.small_area_code
group by all
order by p.source, p.measure, p.period_start, a.area_kind, a.edition, a.area_code, a.assignment
