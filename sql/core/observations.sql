-- One row per source, measure, small area as the publisher coded it (2011 or 2021) and period, of all that the files cover.
with parts as (
    select source, file, measure, count(*) as columns
    from core.measure_columns
    group by all
),

measured as (
    select
        s.source, c.measure, m.counts, s.file, s.small_area_code, s.period, s.period_start, s.period_end,
        m.times,
        -- several columns of a file may make one measure (ages 65 to 90): they are added up, if none is
        -- blank or in quarantine
        case
            when count(s.publisher_value) = p.columns
            then sum(
                case when m.equals is null then s.publisher_value else (s.publisher_value = m.equals)::integer end
            )
        end::decimal(18, 6) as value
    from core.staged_values as s
    join core.measure_columns as c
        on c.source = s.source and c.file = s.file and c.publisher_column = s.publisher_column
    join parts as p on p.source = c.source and p.file = c.file and p.measure = c.measure
    join (select distinct source, measure, counts, equals, times from catalogue.measures) as m
        on m.source = c.source and m.measure = c.measure
    group by
        s.source, c.measure, m.counts, s.file, s.small_area_code, s.period, s.period_start, s.period_end,
        m.times, p.columns
)

select
    n.source,
    n.measure,
    n.counts,
    n.file,
    v.vintage,
    n.small_area_code,
    n.period,
    n.period_start,
    n.period_end,
    case when n.times is null then n.value else (n.value::decimal(24, 6) * f.value::decimal(14, 2))::decimal(18, 6) end as value
from measured as n
join core.file_vintages as v using (source, file)
left join catalogue.files as l using (source, file)
left join measured as f
    on f.source = n.source
    and f.file = n.file
    and f.small_area_code = n.small_area_code
    and f.period = n.period
    and f.measure = n.times
where n.times is null or f.value is not null
-- of several files for one period, those on 2021 small areas; of several for one small area, the one accepted last
qualify v.vintage = max(v.vintage) over (partition by n.source, n.measure, n.period)
    and row_number() over (
        partition by n.source, n.measure, n.period, n.small_area_code, v.vintage order by l.position desc, n.file desc
    ) = 1
order by n.source, n.measure, n.period, n.small_area_code
