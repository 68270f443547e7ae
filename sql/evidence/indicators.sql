-- One row per indicator of the catalogue, which every other table's identifiers refer to.
select
    i.indicator_id,
    i.label as indicator,
    array_to_string(i.themes, '; ') as theme,
    i.unit,
    i.polarity,
    i.method,
    i.source,
    s.label as source_label,
    nullif(i.denominator_source, i.source) as denominator_source,
    i.modelled,
    i.tier
from catalogue.indicators as i
left join catalogue.sources as s using (source)
order by i.position
