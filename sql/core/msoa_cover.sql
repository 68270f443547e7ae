-- One row per source, measure, period, area and assignment of figures of MSOAs: the share of the area's figure that comes from MSOAs only partly in it, and what follows.
with inside as (
    select
        w.area_kind, w.edition, w.area_code, w.assignment, p.msoa_code,
        sum(p.share_people::decimal(24, 10) * w.weight)::decimal(12, 10) as share_inside
    from geo.area_weights as w
    join core.msoa_parts as p using (small_area_code)
    group by all
),

shared as (
    select
        v.source, v.measure, v.period, i.area_kind, i.edition, i.area_code, i.assignment,
        round((
            coalesce(sum(v.value::decimal(24, 6) * i.share_inside) filter (i.share_inside < 0.999999), 0)
            / nullif(sum(v.value::decimal(24, 6) * i.share_inside), 0)
        )::double, 6) as partial_share
    from core.msoa_values as v
    join inside as i using (msoa_code)
    where v.counts <> 'score'
    group by all
)

select
    source, measure, period, area_kind, edition, area_code, assignment, partial_share,
    case
        when partial_share > 0.5
        then round(100 * partial_share)::integer || '% of it would come from MSOAs that lie only partly in the area'
    end as reason,
    case
        when partial_share > 0.2 and partial_share <= 0.5
        then 'indicative: ' || round(100 * partial_share)::integer
            || '% of it comes from MSOAs that lie only partly in the area'
    end as note
from shared
order by source, measure, period, area_kind, edition, area_code, assignment
