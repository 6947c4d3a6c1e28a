with

indicators as (
    select * from stg_indicators
),

rounds as (
    select * from stg_rounds where round <> ''
),

figures as (
    select * from stg_figures where kind = 'estimate'
),

first_positions as (
    select
        project,
        min(position) as position
    from rounds
    group by project
    having count(*) > 1
),

-- Without a declared baseline the first round is one, if there is more than one round.
first_rounds as (
    select
        rounds.project,
        rounds.round
    from rounds
    inner join first_positions
        on rounds.project = first_positions.project
        and rounds.position = first_positions.position
),

indicators_in_rounds as (
    select distinct
        project,
        indicator
    from figures
    where round <> ''
),

indicators_with_arms as (
    select distinct
        project,
        indicator
    from figures
    where arm = 'participants'
),

final as (
    select
        indicators.project,
        indicators.indicator,
        indicators.name_en,
        indicators.name_ar,
        indicators.level,
        indicators.statistic,
        indicators.unit_en,
        indicators.unit_ar,
        indicators.better,
        indicators.form,
        indicators.people_en,
        indicators.people_ar,
        indicators.gain_en,
        indicators.gain_ar,
        coalesce(indicators.baseline_round, first_rounds.round) as baseline_round,
        indicators.target,
        indicators.target_round,
        case
            when indicators_with_arms.indicator is not null then 'participants'
            else 'all'
        end as main_arm,
        indicators.position
    from indicators
    left join indicators_in_rounds
        on indicators.project = indicators_in_rounds.project
        and indicators.indicator = indicators_in_rounds.indicator
    left join first_rounds
        on indicators_in_rounds.project = first_rounds.project
    left join indicators_with_arms
        on indicators.project = indicators_with_arms.project
        and indicators.indicator = indicators_with_arms.indicator
)

select * from final
