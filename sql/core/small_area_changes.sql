-- One row per 2011 small area and 2021 small area made from it, with the share of its people and households that went there.
with lookup as (
    select
        s.row_number,
        s.small_area_code as code_2021,
        max(s.publisher_text) filter (c.measure = 'code_2011') as code_2011,
        max(s.publisher_text) filter (c.measure = 'change_2011') as change
    from stage.ons_geography as s
    join core.measure_columns as c
        on c.source = 'ons_geography' and c.file = s.file and c.publisher_column = s.publisher_column
    where c.measure in ('code_2011', 'change_2011')
    group by s.row_number, s.small_area_code
    having change is not null
),

census as (
    select
        s.small_area_code as code_2021,
        sum(s.publisher_value) filter (c.measure = 'ts038_people') as people,
        sum(s.publisher_value) filter (c.measure = 'ts054_households') as households
    from stage.census_2021 as s
    join core.measure_columns as c
        on c.source = 'census_2021' and c.file = s.file and c.publisher_column = s.publisher_column
    where c.measure in ('ts038_people', 'ts054_households')
    group by s.small_area_code
)

select
    l.code_2011,
    l.code_2021,
    l.change,
    -- an irregular change (X) has no share: those areas are not comparable between the two sets
    case
        when l.change in ('U', 'M') then 1
        when l.change = 'S' then (c.people / sum(c.people) over split)::decimal(12, 10)
    end::decimal(12, 10) as share_people,
    case
        when l.change in ('U', 'M') then 1
        when l.change = 'S' then (c.households / sum(c.households) over split)::decimal(12, 10)
    end::decimal(12, 10) as share_households
from lookup as l
left join census as c using (code_2021)
window split as (partition by l.code_2011)
order by l.code_2011, l.code_2021
