with

blocked as (
    select * from blocks
),

final as (
    select
        project,
        stage,
        kind,
        subject,
        message
    from blocked
)

select * from final
