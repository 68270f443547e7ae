-- One row per break in comparability and indicator that it concerns, as it is published.
select
    b.indicator_id,
    i.label as indicator,
    i.source,
    b.on_date,
    b.reason,
    b.reference
from catalogue.breaks as b
join catalogue.indicators as i using (indicator_id)
order by i.position, b.on_date nulls last, b.reason
