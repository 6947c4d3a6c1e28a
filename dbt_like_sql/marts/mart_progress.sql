with

figures as (
    select * from int_shown_figures where disaggregation = ''
),

indicators as (
    select * from int_framed_indicators
),

rounds as (
    select * from stg_rounds
),

grades as (
    select * from int_graded_estimates
),

measured as (
    select * from figures where kind = 'estimate'
),

changed as (
    select * from figures where kind = 'change'
),

latest_positions as (
    select
        measured.project,
        measured.variant,
        measured.indicator,
        measured.arm,
        max(rounds.position) as position
    from measured
    inner join rounds
        on measured.project = rounds.project
        and measured.round = rounds.round
    where measured.shown <> 'none'
    group by measured.project, measured.variant, measured.indicator, measured.arm
),

-- The target is the project's own: it is held against its main arm only.
framed as (
    select
        measured.project,
        measured.variant,
        measured.indicator,
        indicators.name_en,
        indicators.name_ar,
        indicators.level,
        measured.statistic,
        indicators.unit_en,
        indicators.unit_ar,
        indicators.better,
        indicators.people_en,
        indicators.people_ar,
        indicators.gain_en,
        indicators.gain_ar,
        indicators.position as indicator_position,
        measured.round,
        rounds.name_en as round_en,
        rounds.name_ar as round_ar,
        rounds.position as round_position,
        rounds.data_from,
        rounds.data_to,
        case when rounds.position = latest_positions.position then 1 else 0 end as is_latest,
        measured.arm,
        case when measured.arm = indicators.main_arm then 1 else 0 end as is_main_arm,
        indicators.baseline_round,
        measured.estimate,
        measured.ci_low,
        measured.ci_high,
        measured.confidence,
        measured.n,
        measured.n_missing,
        measured.n_clusters,
        measured.shown,
        case when measured.arm = indicators.main_arm then indicators.target end as target,
        case when measured.arm = indicators.main_arm then indicators.target_round end
            as target_round,
        measured.design,
        measured.method,
        measured.ci_method,
        measured.note,
        measured.is_single_person,
        measured.figure_id,
        measured.definition_hash,
        measured.snapshot_id,
        measured.figure_status
    from measured
    inner join indicators
        on measured.project = indicators.project
        and measured.indicator = indicators.indicator
    inner join rounds
        on measured.project = rounds.project
        and measured.round = rounds.round
    left join latest_positions
        on measured.project = latest_positions.project
        and measured.variant = latest_positions.variant
        and measured.indicator = latest_positions.indicator
        and measured.arm = latest_positions.arm
),

compared_with_baseline as (
    select
        framed.*,
        baselines.estimate as baseline,
        baselines.ci_low as baseline_ci_low,
        baselines.ci_high as baseline_ci_high,
        baselines.n as baseline_n,
        baselines.shown as baseline_shown,
        changed.estimate as change,
        changed.ci_low as change_ci_low,
        changed.ci_high as change_ci_high,
        changed.shown as change_shown,
        changed.figure_id as change_figure_id
    from framed
    left join measured as baselines
        on framed.project = baselines.project
        and framed.variant = baselines.variant
        and framed.indicator = baselines.indicator
        and framed.arm = baselines.arm
        and framed.baseline_round = baselines.round
        and framed.round <> baselines.round
    left join changed
        on framed.project = changed.project
        and framed.variant = changed.variant
        and framed.indicator = changed.indicator
        and framed.arm = changed.arm
        and framed.round = changed.round
        and framed.baseline_round = changed.baseline_round
),

final as (
    select
        compared_with_baseline.project,
        variant,
        indicator,
        name_en,
        name_ar,
        level,
        statistic,
        unit_en,
        unit_ar,
        better,
        round,
        round_en,
        round_ar,
        arm,
        baseline_round,
        baseline_shown,
        baseline,
        baseline_ci_low,
        baseline_ci_high,
        baseline_n,
        shown,
        estimate,
        ci_low,
        ci_high,
        confidence,
        n,
        n_missing,
        n_clusters,
        target,
        target_round,
        change_shown,
        change,
        change_ci_low,
        change_ci_high,
        case
            when shown = 'withheld' then 'withheld'
            when shown = 'none' then 'no_data'
            when round = baseline_round then 'baseline'
            when target is null then 'no_target'
            when n < 30 or ci_low is null or ci_high is null then 'too_small'
            when better = 'higher' and ci_low >= target then 'reached'
            when better = 'lower' and ci_high <= target then 'reached'
            when better = 'higher' and change_ci_low > 0 then 'on_the_way'
            when better = 'lower' and change_ci_high < 0 then 'on_the_way'
            when better = 'higher' and ci_high < target then 'not_yet'
            when better = 'lower' and ci_low > target then 'not_yet'
            else 'too_small'
        end as status,
        grades.share_answered,
        grades.share_usable,
        grades.quality,
        is_latest,
        is_main_arm,
        indicator_position,
        round_position,
        data_from,
        data_to,
        people_en,
        people_ar,
        gain_en,
        gain_ar,
        design,
        method,
        ci_method,
        note,
        is_single_person,
        compared_with_baseline.figure_id,
        change_figure_id,
        definition_hash,
        snapshot_id,
        figure_status
    from compared_with_baseline
    left join grades on compared_with_baseline.figure_id = grades.figure_id
)

select * from final
