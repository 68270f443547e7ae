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
    i.unit,
    round(s.lower_ci, 6) as lower_ci,
    round(s.upper_ci, 6) as upper_ci,
    round(c.assignment_low, 6) as assignment_low,
    round(c.assignment_high, 6) as assignment_high,
    s.sensitive,
    c.comparator,
    round(c.comparator_value, 6) as comparator_value,
    s.compared,
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
left join evidence.intervals as s
    on s.indicator_id = c.indicator_id and s.area_kind = c.area_kind and s.area_code = c.area_code
    and s.period is not distinct from c.period
order by i.position, k.position, c.area_code, c.period_start nulls first, c.period
