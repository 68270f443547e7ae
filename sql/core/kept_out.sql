-- One row per source and measure of which nothing in hand may be shown or can be used, with the reason.
with unlicensed as (
    select l.source, m.measure, min(l.reason) as reason
    from core.licences as l
    join catalogue.measures as m
        on m.source = l.source and regexp_full_match(trim(l.publisher_column), m.pattern, 'i')
    where l.reason is not null
    group by l.source, m.measure
),

of_msoas as (
    select
        c.source,
        c.measure,
        case
            when not exists (select 1 from core.msoa_parts)
                then 'its MSOAs cannot be told in localities without the lookup of output areas. Put into the inbox, under output_areas/: OA_LSOA_MSOA_EW_DEC_2021_LU (OA21CD, LSOA21CD, MSOA21CD)'
            else 'the MSOAs of ' || min(f.file) || ' are those of 2011, whose figures cannot be told in localities of 2021. Put the newest download in its place'
        end as reason
    from core.measure_columns as c
    join stage.local_health as h on h.publisher_column = c.publisher_column
    join core.msoa_files as f on f.file = h.file
    where c.source = 'local_health'
    group by c.source, c.measure
    having bool_and(f.is_earlier) or not exists (select 1 from core.msoa_parts)
),

of_homes as (
    select
        m.source,
        m.measure,
        'more than one in ten homes with a certificate are at a postcode whose small area is not known. Put the newest NSPL into the inbox, under postcodes/' as reason
    from (select distinct source, measure from catalogue.measures where source = 'epc') as m
    where exists (select 1 from core.dwellings) and not exists (select 1 from core.dwelling_counts)
)

select source, measure, 'withheld' as gap, reason
from unlicensed
anti join core.measure_columns using (source, measure)
union all
select source, measure, 'cannot be computed', reason
from of_msoas
union all
select source, measure, 'cannot be computed', reason
from of_homes
order by source, measure
