with

evaluated as (
    select * from rule_results
),

final as (
    select
        project,
        form,
        rule,
        question,
        severity,
        outcome,
        rows_asked as n_asked,
        rows_answered as n_answered,
        rows_failed as n_failed
    from evaluated
)

select * from final
