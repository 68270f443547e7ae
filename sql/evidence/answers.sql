-- One row per indicator and kind of locality: how many figures there are, and how many rows of the gap table say why there is none.
select
    i.indicator_id,
    k.area_kind,
    coalesce(c.figures, 0) as figures,
    coalesce(g.gaps, 0) as gaps,
    coalesce(c.figures, 0) + coalesce(g.gaps, 0) as answers
from catalogue.indicators as i
cross join catalogue.area_kinds as k
left join (
    select indicator_id, area_kind, count(value) as figures from evidence.cells group by indicator_id, area_kind
) as c on c.indicator_id = i.indicator_id and c.area_kind = k.area_kind
left join (
    select indicator_id, area_kind, count(*) as gaps from evidence.gaps group by indicator_id, area_kind
) as g on g.indicator_id = i.indicator_id and g.area_kind = k.area_kind
order by i.position, k.position
