-- One row per output area with the small area it lies in, and its share of that one's people, households and children.
with counted as (
    select
        output_area_code,
        small_area_code,
        people,
        households,
        children,
        count(*) over within as output_areas,
        case when count(people) over within = count(*) over within
            then nullif(sum(people) over within, 0) end as all_people,
        case when count(households) over within = count(*) over within
            then nullif(sum(households) over within, 0) end as all_households,
        case when count(children) over within = count(*) over within
            then nullif(sum(children) over within, 0) end as all_children
    from core.output_areas
    where small_area_code is not null
    window within as (partition by small_area_code)
)

select
    output_area_code,
    small_area_code,
    -- where nobody was counted, output areas are taken to be alike: they are made to be
    coalesce(people / all_people, 1 / output_areas)::double as share_people,
    coalesce(households / all_households, people / all_people, 1 / output_areas)::double as share_households,
    coalesce(children / all_children, people / all_people, 1 / output_areas)::double as share_children
from counted
order by output_area_code
