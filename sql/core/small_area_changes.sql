-- One row per 2011 small area and 2021 small area made from it, with the share of its people and households that went there.
with lookup as (
    select
        s.file,
        s.row_number,
        s.small_area_code as code_2021,
        max(s.publisher_text) filter (c.measure = 'code_2011') as code_2011,
        max(s.publisher_text) filter (c.measure = 'change_2011') as change
    from stage.ons_geography as s
    join core.measure_columns as c
        on c.source = 'ons_geography' and c.file = s.file and c.publisher_column = s.publisher_column
    where c.measure in ('code_2011', 'change_2011')
    group by s.file, s.row_number, s.small_area_code
    having change is not null and code_2011 is not null
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
),

parts as (
    -- several editions of the lookup say the same; a code pair stands once
    select code_2011, code_2021, max(change) as change
    from lookup
    group by code_2011, code_2021
)

select
    p.code_2011,
    p.code_2021,
    p.change,
    -- an irregular change (X) has no share: those areas are not comparable between the two sets;
    -- nor has a split of which one part is not in the census, or where nobody lives
    case
        when p.change in ('U', 'M') then 1
        when p.change = 'S' and count(c.people) over split = count(*) over split
            then (c.people / nullif(sum(c.people) over split, 0))::decimal(12, 10)
    end::decimal(12, 10) as share_people,
    case
        when p.change in ('U', 'M') then 1
        when p.change = 'S' and count(c.households) over split = count(*) over split
            then (c.households / nullif(sum(c.households) over split, 0))::decimal(12, 10)
    end::decimal(12, 10) as share_households
from parts as p
left join census as c using (code_2021)
window split as (partition by p.code_2011)
order by p.code_2011, p.code_2021
