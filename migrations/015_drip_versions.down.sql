drop function move_drip_enrollments(uuid, uuid);
