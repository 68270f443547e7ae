-- One row per source, measure, MSOA of 2021 and period, of figures that are published for MSOAs and not below.
select
    'local_health' as source,
    c.measure,
    m.counts,
    h.area_code as msoa_code,
    h.period,
    h.period_start,
    h.period_end,
    h.publisher_value as value
from stage.local_health as h
join core.measure_columns as c on c.source = 'local_health' and c.publisher_column = h.publisher_column
join (select distinct source, measure, counts from catalogue.measures) as m
    on m.source = c.source and m.measure = c.measure
join core.msoa_files as f on f.file = h.file and not f.is_earlier
left join catalogue.files as l on l.source = 'local_health' and l.file = h.file
-- of several downloads the one accepted last is right
qualify row_number() over (
    partition by c.measure, h.area_code, h.period order by l.position desc, h.file desc, h.row_number desc
) = 1
order by c.measure, h.period_start, h.area_code
