-- One row per measure, area and period that a source publishes for whole areas, with its own interval.
select
    'fingertips' as source,
    c.measure,
    f.area_code,
    f.area_name,
    f.period,
    f.period_start,
    f.period_end,
    f.numerator,
    f.denominator,
    f.publisher_value,
    f.lower_ci,
    f.upper_ci,
    f.value_note
from stage.fingertips as f
join core.measure_columns as c on c.source = 'fingertips' and c.publisher_column = f.publisher_column
left join catalogue.files as l on l.source = 'fingertips' and l.file = f.file
where f.sex = 'Persons' and f.age <> 'Not applicable'
-- several downloads repeat the England and county rows: the one accepted last is right
qualify row_number() over (partition by c.measure, f.area_code, f.period order by l.position desc, f.file desc, f.row_number) = 1
union all
select
    return_id,
    return_id,
    code,
    null,
    period,
    period_start,
    period_end,
    null,
    null,
    case when count(number) = count(*) then sum(number) end::decimal(18, 6),
    null,
    null,
    case when count(number) < count(*) then 'withheld by the partner' end
from core.returned
where placed_by = 'area' and fault is null
group by return_id, code, period, period_start, period_end
order by source, measure, area_code, period_start, period
