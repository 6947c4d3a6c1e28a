with

estimates_shown as (
    select * from int_shown_figures
    where kind = 'estimate' and shown <> 'withheld'
),

indicators as (
    select * from stg_indicators
),

accounts as (
    select * from stg_row_accounts
),

valid_shares as (
    select
        project,
        form,
        cast(valid as double precision) / nullif(valid + quarantined, 0) as share_valid
    from accounts
),

shares as (
    select
        estimates_shown.figure_id,
        estimates_shown.project,
        cast(estimates_shown.n as double precision)
        / nullif(estimates_shown.n + estimates_shown.n_missing, 0) as share_answered,
        valid_shares.share_valid
    from estimates_shown
    inner join indicators
        on estimates_shown.project = indicators.project
        and estimates_shown.indicator = indicators.indicator
    left join valid_shares
        on indicators.project = valid_shares.project
        and indicators.form = valid_shares.form
),

usable as (
    select
        figure_id,
        project,
        share_answered,
        share_valid,
        share_answered * coalesce(share_valid, 1.0) as share_usable
    from shares
),

final as (
    select
        figure_id,
        project,
        share_answered,
        share_valid,
        share_usable,
        case
            when share_usable >= 0.95 then 'A'
            when share_usable >= 0.8 then 'B'
            when share_usable < 0.8 then 'C'
        end as quality
    from usable
)

select * from final
