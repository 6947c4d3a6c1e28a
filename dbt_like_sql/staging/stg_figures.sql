with

measured as (
    select * from estimates
),

changed as (
    select * from changes
),

compared as (
    select * from effects
),

-- Rewritten because a respondent withdrew: what the old one gave cannot be computed again.
replaced as (
    select project, old_snapshot_id from snapshot_replacements
),

gathered as (
    select
        figure_id, 'estimate' as kind,
        project, indicator, definition_hash, round, baseline_round,
        place, disaggregation, category, arm, statistic, design, variant,
        estimate, se, ci_low, ci_high, confidence, df, deff,
        n, n_missing, n_clusters, n_strata,
        method, ci_method, note, snapshot_id, status
    from measured

    union all

    select
        figure_id, 'change' as kind,
        project, indicator, definition_hash, round, baseline_round,
        place, disaggregation, category, arm, statistic, design, variant,
        estimate, se, ci_low, ci_high, confidence, df, deff,
        n, n_missing, n_clusters, n_strata,
        method, ci_method, note, snapshot_id, status
    from changed

    union all

    select
        figure_id, 'effect' as kind,
        project, indicator, definition_hash, round, baseline_round,
        place, disaggregation, category, arm, statistic, design, variant,
        estimate, se, ci_low, ci_high, confidence, df, deff,
        n, n_missing, n_clusters, n_strata,
        method, ci_method, note, snapshot_id, status
    from compared
),

final as (
    select
        figure_id, kind,
        gathered.project, indicator, definition_hash, round, baseline_round,
        place, disaggregation, category, arm, statistic, design, variant,
        estimate, se, ci_low, ci_high, confidence, df, deff,
        n, n_missing, n_clusters, n_strata,
        method, ci_method, note, snapshot_id,
        case when replaced.old_snapshot_id is null then status else 'not_reproducible' end as status
    from gathered
    left join replaced
        on gathered.project = replaced.project and gathered.snapshot_id = replaced.old_snapshot_id
)

select * from final
