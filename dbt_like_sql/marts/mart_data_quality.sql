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

everyone as (
    select
        figures.project,
        coalesce(indicators.form, '') as form,
        figures.indicator,
        figures.round,
        figures.shown,
        figures.n,
        figures.n_missing
    from int_shown_figures as figures
    inner join indicators
        on figures.project = indicators.project
        and figures.indicator = indicators.indicator
    where
        figures.kind = 'estimate'
        and figures.variant = 'official'
        and figures.disaggregation = ''
        and figures.arm = 'all'
),

-- A form's counts would give back a round whose answers are all withheld: the rest of them.
guarded_forms as (
    select distinct project, form from everyone where shown = 'withheld'
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

    union all

    select
        project, form, 'rows' as topic, 'removed' as subject, '' as question, '' as round,
        '' as severity, removed as n, pulled as of_n, cast(null as text) as message
    from accounts
    where removed > 0
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
        project, form, 'missing' as topic, indicator as subject, '' as question, round,
        '' as severity, n_missing as n, n + n_missing as of_n, cast(null as text) as message
    from everyone
    where n is null or n + n_missing > 0
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

judged as (
    select
        gathered.*,
        case
            when gathered.topic = 'blocked' then 'none'
            when gathered.n is null then 'withheld'
            when gathered.topic <> 'missing' and guarded_forms.form is not null then 'withheld'
            else 'shown'
        end as shown
    from gathered
    left join guarded_forms
        on gathered.project = guarded_forms.project
        and gathered.form = guarded_forms.form
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
        shown,
        case when shown = 'shown' then n end as n,
        case when shown = 'shown' then of_n end as of_n,
        case when shown = 'shown' then cast(n as double precision) / nullif(of_n, 0) end as share,
        message
    from judged
)

select * from final
