with

accounts as (
    select * from row_accounts
),

standing as (
    select project, snapshot_id from snapshot_heads where stage = 'validate'
),

final as (
    select
        accounts.project,
        accounts.form,
        accounts.snapshot_id,
        accounts.read_snapshot_id,
        accounts.pulled,
        accounts.valid,
        accounts.not_eligible,
        accounts.quarantined,
        accounts.removed
    from accounts
    inner join standing
        on accounts.project = standing.project
        and accounts.snapshot_id = standing.snapshot_id
)

select * from final
