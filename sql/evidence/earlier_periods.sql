-- One row per indicator, period and step back in time: the period as long that ended the day before (of months and of single days, the same of the year before), and the first break between them.
with recursive periods as (
    select distinct
        c.indicator_id, c.period, c.period_start, c.period_end,
        -- what is counted on a day (a census, an estimate of mid-year) has no length
        case when c.period_start = c.period_end then 0 else date_diff('month', c.period_start, c.period_end + 1) end
            as months
    from evidence.cells as c
    where c.period is not null
),

before as (
    select p.indicator_id, p.period, e.period as earlier_period, e.period_start as earlier_start
    from periods as p
    join periods as e
        on e.indicator_id = p.indicator_id
        and e.months = p.months
        and e.period_end = case p.months
            when 0 then (p.period_start - interval 1 year)::date
            when 1 then last_day((p.period_start - interval 1 year)::date)
            else (p.period_start - interval 1 day)::date
        end
    -- two names of one period are one
    qualify row_number() over (partition by p.indicator_id, p.period order by e.period) = 1
),

steps as (
    select indicator_id, period, 1 as step, earlier_period, earlier_start from before
    union all
    select s.indicator_id, s.period, s.step + 1, b.earlier_period, b.earlier_start
    from steps as s
    join before as b on b.indicator_id = s.indicator_id and b.period = s.earlier_period
    where s.step < 4
)

select
    s.indicator_id, s.period, p.period_end, p.months, s.step, s.earlier_period, s.earlier_start,
    min_by(b.reason, (coalesce(b.on_date, date '0001-01-01'), b.reason)) as break_between
from steps as s
join periods as p on p.indicator_id = s.indicator_id and p.period = s.period
left join evidence.denominator_periods as d on d.indicator_id = s.indicator_id and d.period = s.period
left join evidence.denominator_periods as f on f.indicator_id = s.indicator_id and f.period = s.earlier_period
left join catalogue.breaks as b
    on b.indicator_id = s.indicator_id
    and case
        -- what is divided by may be one count for both periods
        when b.of_denominator
        then d.denominator_start <> f.denominator_start
            and (b.on_date is null or b.on_date between f.denominator_start + 1 and d.denominator_start)
        else b.on_date is null or (b.on_date > s.earlier_start and b.on_date <= p.period_end)
    end
group by s.indicator_id, s.period, p.period_end, p.months, s.step, s.earlier_period, s.earlier_start
order by s.indicator_id, p.period_end, s.period, s.step
