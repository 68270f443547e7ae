-- One row per code of a small area in the lookups, and vintage (2011 or 2021) whose code it is.
select distinct small_area_code, 2021 as vintage
from stage.ons_geography
union
select distinct s.publisher_text, 2011
from stage.ons_geography as s
join catalogue.measures as m
    on m.source = 'ons_geography' and m.measure = 'code_2011'
    and regexp_full_match(trim(s.publisher_column), m.pattern, 'i')
where s.publisher_text is not null
