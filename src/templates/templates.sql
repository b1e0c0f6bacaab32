-- name: recipient
-- A contact as messages see it. $1 organization, $2 contact.
select c.phone, c.first_name, c.last_name, c.email, c.language, c.attributes
  from contacts c where c.organization_id = $1 and c.id = $2
