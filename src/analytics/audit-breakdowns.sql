What reports break days down by says what the rows say. $1: one organization, or null for all.

-- name: drip_replies_equal_rows
select format('enrollment %s: %s replies counted, rows %s', e.id, e.replies_received, n.replies) as example
  from drip_enrollments e
  left join (select l.enrollment_id, l.organization_id, count(*) as replies
               from drip_message_logs l where ($1::uuid is null or l.organization_id = $1) and l.replied_at is not null group by 1, 2) n
    on n.enrollment_id = e.id and n.organization_id = e.organization_id
 where ($1::uuid is null or e.organization_id = $1) and e.replies_received <> coalesce(n.replies, 0)
