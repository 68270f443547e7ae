-- One row per indicator, numerator period, area and assignment: the denominator, and what is to be said of it.
select
    c.indicator_id,
    c.period,
    d.area_kind,
    d.edition,
    d.area_code,
    d.assignment,
    d.total as denominator,
    d.small_areas,
    d.small_areas_with_a_figure,
    case
        when c.denominator_source <> c.source
        then 'denominator: ' || s.label || ', ' || c.denominator_period
            || case
                when date_diff('year', c.denominator_start, c.period_end) >= 3
                    then ' (' || date_diff('year', c.denominator_start, c.period_end) || ' years before)'
                when date_diff('year', c.period_end, c.denominator_start) >= 3
                    then ' (' || date_diff('year', c.period_end, c.denominator_start) || ' years after)'
                else ''
            end
            || case
                when not r.by_best_fit then ''
                -- who is shared out lives in the area; what happened in it lies inside its edge
                when c.source_rows = 'events'
                    and (starts_with(r.rule, 'population share') or starts_with(r.rule, 'area share'))
                    then '; residents by ' || r.rule || ', events inside its own boundary'
                else '; both of its small areas by ' || r.rule
            end
    end as denominator_note
from evidence.denominator_periods as c
join core.area_totals as d
    on d.source = c.denominator_source
    and d.measure = c.denominator_measure
    and d.period = c.denominator_period
join catalogue.sources as s on s.source = c.denominator_source
left join (
    select
        area_kind, edition, area_code, assignment, bool_or(rule <> 'exact membership') as by_best_fit,
        string_agg(distinct rule, ' and ' order by rule) as rule
    from geo.area_weights
    group by area_kind, edition, area_code, assignment
) as r
    on r.area_kind = d.area_kind and r.edition = d.edition and r.area_code = d.area_code
    and r.assignment = d.assignment
