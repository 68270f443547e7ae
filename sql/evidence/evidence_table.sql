-- One row per indicator, area and period: the one tidy table that every output is made from.
select
    i.themes as theme,
    c.indicator_id,
    i.label as indicator,
    c.area_kind,
    c.area_code,
    a.area_name,
    nullif(c.edition, '') as edition,
    c.period,
    c.period_start,
    c.period_end,
    c.numerator,
    c.denominator,
    round(c.value, 6) as value,
    -- the shorthand of official statistics
    case
        when c.value is null and c.gap = 'withheld' and starts_with(c.note, 'low: ') then '[low]'
        when c.value is null and c.gap = 'withheld' then '[c]'
        when c.value is null and c.gap = 'not applicable' then '[z]'
        when c.value is null then '[x]'
        when i.modelled then '[e]'
        when i.source_rows = 'observations' and i.method in ('count', 'rate', 'proportion') and c.numerator <> floor(c.numerator) then '[e]'
    end as marker,
    i.unit,
    round(s.lower_ci, 6) as lower_ci,
    round(s.upper_ci, 6) as upper_ci,
    round(s.lower_998, 6) as lower_998,
    round(s.upper_998, 6) as upper_998,
    round(s.value_smoothed, 6) as value_smoothed,
    round(c.assignment_low, 6) as assignment_low,
    round(c.assignment_high, 6) as assignment_high,
    s.sensitive,
    c.comparator,
    round(c.comparator_value, 6) as comparator_value,
    s.compared,
    s.compared_adjusted,
    o.parent,
    round(o.parent_value, 6) as parent_value,
    s.compared_parent,
    round(o.england_value, 6) as comparator_england,
    s.compared_england,
    round(s.peer_median, 6) as peer_median,
    s.peer_rank,
    s.peer_rank_low,
    s.peer_rank_high,
    s.peer_count,
    s.earlier_period,
    round(s.earlier_value, 6) as earlier_value,
    round(s.ratio_to_earlier, 6) as ratio_to_earlier,
    round(s.ratio_lower, 6) as ratio_lower,
    round(s.ratio_upper, 6) as ratio_upper,
    s.changed,
    s.trend,
    s.trend_note,
    i.polarity,
    i.source,
    i.method,
    nullif(concat_ws('; ', c.note, a.area_note, t.note), '') as note
from evidence.cells as c
join catalogue.indicators as i using (indicator_id)
join geo.areas as a
    on a.area_kind = c.area_kind and a.edition = c.edition and a.area_code = c.area_code
join catalogue.area_kinds as k on k.area_kind = c.area_kind
left join (
    select indicator_id, string_agg(note, '; ' order by note) as note from catalogue.stale group by indicator_id
) as t on t.indicator_id = c.indicator_id
left join evidence.judgements as s
    on s.indicator_id = c.indicator_id and s.area_kind = c.area_kind and s.edition = c.edition
    and s.area_code = c.area_code and s.period is not distinct from c.period
left join evidence.comparators as o
    on o.indicator_id = c.indicator_id and o.area_kind = c.area_kind and o.edition = c.edition
    and o.area_code = c.area_code and o.period is not distinct from c.period
order by i.position, k.position, c.area_code, c.period_start nulls first, c.period
