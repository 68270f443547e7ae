-- One row per indicator: how many of its cells moved since the release before, and how many of them tell a value that one of the two keeps back.
with kept_back as (
    select indicator_id, area_kind, area_code, edition, period from evidence.evidence_table
    where marker in ('[c]', '[low]')
    union
    select indicator_id, area_kind, area_code, edition, period from evidence.earlier_cells
    where marker in ('[c]', '[low]')
)

select
    i.indicator_id,
    count(c.change) as cells_moved,
    count(*) filter (
        (c.value_before is not null or c.value_after is not null)
        and (
            c.change in ('now withheld', 'now shown')
            or c.marker_before in ('[c]', '[low]')
            or c.marker_after in ('[c]', '[low]')
            or exists (
                from kept_back as h
                where h.indicator_id = c.indicator_id and h.area_kind = c.area_kind and h.area_code = c.area_code
                    and coalesce(h.edition, '') = coalesce(c.edition, '') and h.period = c.period
            )
            -- a mark without a period is of all periods
            or exists (
                from kept_back as h
                where h.indicator_id = c.indicator_id and h.area_kind = c.area_kind and h.area_code = c.area_code
                    and h.period is null
            )
        )
    ) as beside_withheld
from (
    select indicator_id from catalogue.indicators
    union
    select indicator_id from evidence.changes
) as i
left join evidence.changes as c using (indicator_id)
group by i.indicator_id
order by i.indicator_id
