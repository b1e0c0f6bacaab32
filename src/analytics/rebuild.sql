-- name: organizations
-- In the order of their names. $1 one of them, or null for all.
select o.id, o.slug from organizations o where $1::uuid is null or o.id = $1 order by o.slug

-- name: holdBroadcasts
-- What counts takes these locks first, in this order: whoever counts now is waited for, whoever comes later adds to what is written here.
select from bulk_campaigns c where c.organization_id = $1 order by c.id for no key update

-- name: holdDrips
select from drip_campaigns d where d.organization_id = $1 order by d.id for no key update

-- name: holdPrices
-- Of messages that belong to no campaign (migrations, usage: tg_messages__count_prices).
select pg_advisory_xact_lock(hashtextextended('adsapp prices ' || $1::uuid, 0))
