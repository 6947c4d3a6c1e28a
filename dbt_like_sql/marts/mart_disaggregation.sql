with

figures as (
    select * from int_shown_figures where disaggregation <> ''
),

indicators as (
    select * from int_framed_indicators
),

rounds as (
    select * from stg_rounds
),

categories as (
    select * from int_named_categories
),

measured as (
    select * from figures where kind = 'estimate'
),

changed as (
    select * from figures where kind = 'change'
),

final as (
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
        measured.round,
        rounds.name_en as round_en,
        rounds.name_ar as round_ar,
        measured.arm,
        measured.disaggregation,
        categories.disaggregation_en,
        categories.disaggregation_ar,
        measured.category,
        categories.name_en as category_en,
        categories.name_ar as category_ar,
        measured.place,
        measured.shown,
        measured.estimate,
        measured.ci_low,
        measured.ci_high,
        measured.confidence,
        measured.n,
        measured.n_missing,
        changed.baseline_round,
        changed.shown as change_shown,
        changed.estimate as change,
        changed.ci_low as change_ci_low,
        changed.ci_high as change_ci_high,
        case when measured.arm = indicators.main_arm then 1 else 0 end as is_main_arm,
        indicators.position as indicator_position,
        rounds.position as round_position,
        categories.position as category_position,
        measured.note,
        measured.is_single_person,
        measured.figure_id,
        changed.figure_id as change_figure_id,
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
    left join categories
        on measured.project = categories.project
        and measured.disaggregation = categories.disaggregation
        and measured.category = categories.category
    left join changed
        on measured.project = changed.project
        and measured.variant = changed.variant
        and measured.indicator = changed.indicator
        and measured.arm = changed.arm
        and measured.round = changed.round
        and indicators.baseline_round = changed.baseline_round
        and measured.disaggregation = changed.disaggregation
        and measured.category = changed.category
)

select * from final
