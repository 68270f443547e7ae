-- One row per indicator: its lowest and highest value, and how many cells lie outside its plausible range.
select
    i.indicator_id,
    min(c.value) as lowest,
    max(c.value) as highest,
    count(c.value) as cells,
    count(*) filter (c.value < i.plausible_low or c.value > i.plausible_high) as implausible_cells,
    count(*) filter (c.area_code is not null and c.value is null and c.note is null) as unexplained_gaps
from catalogue.indicators as i
left join evidence.cells as c using (indicator_id)
group by i.indicator_id
order by i.indicator_id
