-- name: listImports
-- The newest first; paged by the id of the last one of the page before.
select i.id, i.file_name, i.rows, i.created, i.updated, i.unchanged, i.skipped, i.suppressed, i.rejected, i.created_at, i.undone_at,
       (select p.email from profiles p where p.id = i.imported_by and p.organization_id = i.organization_id) as imported_by, i.options
  from contact_imports i
 where i.organization_id = $1
   and ($2::uuid is null or (i.created_at, i.id) < (select a.created_at, a.id from contact_imports a where a.id = $2 and a.organization_id = $1))
 order by i.created_at desc, i.id desc
 limit $3

-- name: findImport
select i.id, i.file_name from contact_imports i where i.organization_id = $1 and i.id::text = $2

-- name: notKept
-- Of the contacts that it updated, those of whom it is not kept what they were: prune or an erasing took it, or it skipped them but for a no.
select i.updated - (select count(*)::int from contact_import_changes w where w.import_id = i.id and w.organization_id = i.organization_id) as people,
       coalesce(i.options ->> 'onDuplicate' = 'skip', false) as only_no
  from contact_imports i where i.organization_id = $1 and i.id = $2

-- name: undoImport
select undo_contact_import($1) as undone
