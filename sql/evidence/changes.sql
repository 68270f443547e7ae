-- One row per cell of the tidy table that moved since the release before: what became of it, and why it may have.
with cells_now as (
    select
        indicator_id, area_kind, coalesce(edition, '') as edition, area_code, coalesce(period, '') as period,
        array_to_string(theme, '; ') as theme, indicator, area_name, period_start, value, marker, unit
    from evidence.evidence_table
),

cells_before as (
    select
        indicator_id, area_kind, coalesce(edition, '') as edition, area_code, coalesce(period, '') as period,
        array_to_string(theme, '; ') as theme, indicator, area_name, period_start, value, marker, unit, source
    from evidence.earlier_cells
),

-- what is said of an area for which there is no cell of any period
said_now as (
    select indicator_id, area_kind, area_code, min(marker) as marker
    from cells_now where period = '' group by all
),

said_before as (
    select indicator_id, area_kind, area_code, min(marker) as marker
    from cells_before where period = '' group by all
),

pairs as (
    select
        indicator_id, area_kind, edition, area_code, period,
        n.indicator_id is not null as is_there,
        b.indicator_id is not null as was_there,
        coalesce(n.theme, b.theme) as theme,
        coalesce(n.indicator, b.indicator, indicator_id) as indicator,
        coalesce(n.area_name, b.area_name) as area_name,
        coalesce(n.period_start, b.period_start) as period_start,
        b.value as value_before,
        n.value as value_after,
        case when b.indicator_id is null then sb.marker else b.marker end as marker_before,
        case when n.indicator_id is null then sn.marker else n.marker end as marker_after,
        case
            when n.unit <> b.unit then n.unit || ' (before: ' || b.unit || ')'
            else coalesce(n.unit, b.unit)
        end as unit,
        -- of an older release without markers nobody knows why it has no value
        coalesce(marker_before in ('[c]', '[low]'), false)
        or (b.indicator_id is not null and b.value is null and b.marker is null) as was_kept_back,
        coalesce(marker_after in ('[c]', '[low]'), false)
        or (n.indicator_id is null and k.indicator_id is not null) as is_kept_back
    from cells_now as n
    full join cells_before as b using (indicator_id, area_kind, edition, area_code, period)
    left join said_now as sn using (indicator_id, area_kind, area_code)
    left join said_before as sb using (indicator_id, area_kind, area_code)
    left join catalogue.kinds_kept_back as k using (indicator_id, area_kind)
    where exists (from evidence.earlier_cells)
        -- what a partner gave and took back is not told once more, not even by its name
        and not (
            indicator_id not in (select indicator_id from catalogue.indicators)
            and coalesce(b.source, '') not in (select source from catalogue.sources)
        )
        -- that nothing is in hand is no cell, unless both say so
        and not (period = '' and (n.indicator_id is null or b.indicator_id is null))
),

moved as (
    select
        *,
        case
            when is_kept_back and not was_kept_back and was_there then 'now withheld'
            when was_kept_back and not is_kept_back and value_after is not null then 'now shown'
            when not was_there then 'new'
            when not is_there then 'withdrawn'
            when value_before is null and value_after is not null then 'new'
            when value_before is not null and value_after is null then 'withdrawn'
            when value_before <> value_after then 'revised'
            when marker_before is distinct from marker_after then 'marker changed'
        end as change
    from pairs
    where change is not null
),

-- which of an indicator's sources moved: what is counted first, then what it is divided by
by_files as (
    select
        i.indicator_id,
        string_agg(m.reason, '; ' order by m.source <> i.source, m.source) as reasons,
        -- a file of other months does not revise what was counted
        string_agg(m.reason, '; ' order by m.source <> i.source, m.source) filter (
            not (i.source_rows = 'events' and m.source = i.source and starts_with(m.reason, 'new data'))
        ) as revisions,
        arg_min('new data: ' || s.label, m.source <> i.source) as news
    from catalogue.indicators as i
    join catalogue.moved_sources as m on m.source in (i.source, i.denominator_source)
    join catalogue.sources as s on s.source = m.source
    group by i.indicator_id
),

by_boundaries as (
    select area_kind, string_agg(reason, '; ' order by reason) as reasons
    from catalogue.moved_kinds group by area_kind
),

by_method as (
    select indicator_id, string_agg(reason, '; ' order by reason) as reasons
    from catalogue.moved_indicators group by indicator_id
),

causes as (
    select
        m.*,
        case
            when not was_there and l.area_code is null then 'new boundary: the locality or its edition is new'
            when not is_there and a.area_code is null then 'new boundary: the locality or its edition is gone'
            when i.indicator_id is null then 'method: it is no indicator of this release'
            when o.indicator_id is null and s.source is null then coalesce(f.news, 'method: the indicator is new')
            when o.indicator_id is null then 'method: the indicator is new'
            when not was_there and p.period is null and f.news is not null then f.news
            when change <> 'revised' then concat_ws('; ', f.reasons, b.reasons, y.reasons)
            when coalesce(f.revisions, b.reasons, y.reasons) is null then f.reasons
            else concat_ws('; ', f.revisions, b.reasons, y.reasons)
        end as cause
    from moved as m
    left join catalogue.indicators as i using (indicator_id)
    left join by_files as f using (indicator_id)
    left join by_boundaries as b using (area_kind)
    left join by_method as y using (indicator_id)
    left join geo.areas as a using (area_kind, edition, area_code)
    left join (select distinct area_kind, edition, area_code from cells_before) as l
        using (area_kind, edition, area_code)
    left join (select distinct indicator_id from cells_before) as o using (indicator_id)
    left join (select distinct source from evidence.earlier_cells) as s on s.source = i.source
    left join (select distinct indicator_id, period from cells_before) as p using (indicator_id, period)
)

select
    c.theme,
    c.indicator_id,
    c.indicator,
    c.area_kind,
    c.area_code,
    -- a name that a spreadsheet would run as a formula is shown as the text it is
    regexp_replace(c.area_name, '^([=+@\t\r-])', '''\1') as area_name,
    nullif(c.edition, '') as edition,
    nullif(c.period, '') as period,
    c.change,
    -- never a value beside one that is kept back: the two would tell together what neither tells alone
    case when not (c.was_kept_back or c.is_kept_back) then c.value_before end as value_before,
    case when not (c.was_kept_back or c.is_kept_back) then c.value_after end as value_after,
    c.marker_before,
    c.marker_after,
    c.unit,
    coalesce(
        nullif(
            concat_ws(
                '; ', nullif(c.cause, ''),
                case when c.was_kept_back <> c.is_kept_back and c.was_there and c.is_there then 'protection' end
            ), ''
        ),
        case when c.was_kept_back or c.is_kept_back then 'protection' end,
        'not known: no file, boundary or entry that it is made from has moved'
    ) as why
from causes as c
left join catalogue.indicators as i using (indicator_id)
left join catalogue.area_kinds as k using (area_kind)
order by
    i.position nulls last, c.indicator_id, k.position nulls last, c.area_kind, c.area_code, c.edition,
    c.period_start nulls first, c.period
