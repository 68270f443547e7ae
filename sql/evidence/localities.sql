-- One row per locality: its kind and its name, which every other table's codes refer to.
select
    a.area_kind,
    k.label as kind,
    a.area_code,
    -- a name that a spreadsheet would run as a formula is shown as the text it is
    regexp_replace(arg_max(a.area_name, a.in_force_from), '^([=+@\t\r-])', '''\1') as area_name
from geo.areas as a
join catalogue.area_kinds as k using (area_kind)
group by k.position, a.area_kind, k.label, a.area_code
order by k.position, a.area_code
