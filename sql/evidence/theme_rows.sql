-- One row per theme partnership and row of the tidy table, as its CSV file shows it.
select
    t.theme_id,
    array_to_string(e.theme, '; ') as theme,
    e.indicator_id,
    e.indicator,
    e.area_kind,
    e.area_code,
    -- a name or note that a spreadsheet would run as a formula is shown as the text it is
    regexp_replace(e.area_name, '^([=+@\t\r-])', '''\1') as area_name,
    e.edition,
    e.period,
    e.period_start,
    e.period_end,
    e.numerator,
    e.denominator,
    e.value,
    e.unit,
    e.lower_ci,
    e.upper_ci,
    e.assignment_low,
    e.assignment_high,
    e.sensitive,
    e.comparator,
    e.comparator_value,
    e.compared,
    e.polarity,
    e.source,
    e.method,
    regexp_replace(e.note, '^([=+@\t\r-])', '''\1') as note
from evidence.evidence_table as e
join catalogue.themes as t on list_contains(e.theme, t.theme_id)
join catalogue.indicators as i on i.indicator_id = e.indicator_id
join catalogue.area_kinds as k on k.area_kind = e.area_kind
order by t.position, i.position, k.position, e.area_code, e.period_start nulls first, e.period
