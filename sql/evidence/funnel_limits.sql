-- One row per locality and indicator that is a rate or a share, of its newest period: between which limits it would lie by chance.
select
    f.indicator_id,
    i.label as indicator,
    f.area_kind,
    f.area_code,
    regexp_replace(a.area_name, '^([=+@\t\r-])', '''\1') as area_name,
    nullif(f.edition, '') as edition,
    f.period,
    f.value,
    i.unit,
    f.comparator_value,
    f.lower,
    f.upper,
    f.lower_998,
    f.upper_998,
    f.adjusted_lower,
    f.adjusted_upper,
    f.adjusted_lower_998,
    f.adjusted_upper_998,
    f.phi,
    f.tau2
from evidence.funnels as f
join catalogue.indicators as i using (indicator_id)
join catalogue.area_kinds as k using (area_kind)
join geo.areas as a using (area_kind, edition, area_code)
order by i.position, k.position, f.area_code, f.period
