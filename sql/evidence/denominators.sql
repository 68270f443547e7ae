-- One row per indicator, numerator period, area and assignment: the denominator of that period, else of the latest before it, else of the first.
with numerator_periods as (
    select distinct i.indicator_id, n.period, n.period_start, n.period_end
    from catalogue.indicators as i
    join core.windows as n on n.source = i.source and n.period_rule = i.period_rule
    where i.source_rows = 'events' and i.denominator_measure <> ''
    union
    select distinct i.indicator_id, t.period, t.period_start, t.period_end
    from catalogue.indicators as i
    join core.area_totals as t on t.source = i.source and t.measure = i.measure
    where i.source_rows = 'observations' and i.denominator_measure <> ''
),

candidates as (
    select distinct
        n.indicator_id, n.period, n.period_start, n.period_end,
        i.source, i.source_rows, i.denominator_source, i.denominator_measure,
        d.period as denominator_period,
        d.period_start as denominator_start
    from numerator_periods as n
    join catalogue.indicators as i using (indicator_id)
    join core.area_totals as d on d.source = i.denominator_source and d.measure = i.denominator_measure
    -- a proportion within one source is of one and the same period
    where i.denominator_source <> i.source or d.period = n.period
),

chosen as (
    select *
    from candidates
    qualify row_number() over (
        partition by indicator_id, period
        order by denominator_start <= period_end desc, abs(date_diff('day', denominator_start, period_end))
    ) = 1
)

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
from chosen as c
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
