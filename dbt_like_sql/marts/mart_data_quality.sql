with

accounts as (
    select * from stg_row_accounts
),

found as (
    select * from stg_findings
),

evaluated as (
    select * from stg_rule_results
),

blocked as (
    select * from stg_blocks
),

indicators as (
    select * from int_framed_indicators
),

answered as (
    select * from int_shown_figures
    where
        kind = 'estimate'
        and variant = 'official'
        and disaggregation = ''
        and arm = 'all'
        and shown <> 'withheld'
),

rows_counted as (
    select
        project, form, 'rows' as topic, 'pulled' as subject, '' as question, '' as round,
        '' as severity, pulled as n, pulled as of_n, cast(null as text) as message
    from accounts

    union all

    select
        project, form, 'rows' as topic, 'valid' as subject, '' as question, '' as round,
        '' as severity, valid as n, pulled as of_n, cast(null as text) as message
    from accounts

    union all

    select
        project, form, 'rows' as topic, 'not_eligible' as subject, '' as question, '' as round,
        '' as severity, not_eligible as n, pulled as of_n, cast(null as text) as message
    from accounts

    union all

    select
        project, form, 'rows' as topic, 'quarantined' as subject, '' as question, '' as round,
        '' as severity, quarantined as n, pulled as of_n, cast(null as text) as message
    from accounts
),

findings_counted as (
    select
        found.project,
        found.form,
        'findings' as topic,
        found.rule as subject,
        found.question,
        '' as round,
        found.severity,
        found.n_findings as n,
        evaluated.n_asked as of_n,
        cast(null as text) as message
    from found
    left join evaluated
        on found.project = evaluated.project
        and found.form = evaluated.form
        and found.rule = evaluated.rule
        and found.question = evaluated.question
),

missing_counted as (
    select
        answered.project,
        coalesce(indicators.form, '') as form,
        'missing' as topic,
        answered.indicator as subject,
        '' as question,
        answered.round,
        '' as severity,
        answered.n_missing as n,
        answered.n + answered.n_missing as of_n,
        cast(null as text) as message
    from answered
    inner join indicators
        on answered.project = indicators.project
        and answered.indicator = indicators.indicator
),

blocks_listed as (
    select
        project,
        '' as form,
        'blocked' as topic,
        subject,
        kind as question,
        '' as round,
        '' as severity,
        cast(null as integer) as n,
        cast(null as integer) as of_n,
        message
    from blocked
),

gathered as (
    select * from rows_counted

    union all

    select * from findings_counted

    union all

    select * from missing_counted

    union all

    select * from blocks_listed
),

final as (
    select
        project,
        form,
        topic,
        subject,
        question,
        round,
        severity,
        n,
        of_n,
        cast(n as double precision) / nullif(of_n, 0) as share,
        message
    from gathered
)

select * from final
