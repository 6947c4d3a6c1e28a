with

open_findings as (
    select * from findings where status = 'open'
),

final as (
    select
        project,
        form,
        question,
        rule,
        severity,
        count(*) as n_findings
    from open_findings
    group by project, form, question, rule, severity
)

select * from final
