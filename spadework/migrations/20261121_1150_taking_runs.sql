-- A run is taken in one statement: by nobody's claim, or from a worker that is gone.
create function is_lost(worker text, dead_after interval) returns boolean
  language sql stable set search_path = public, pg_temp as $$
  select not exists (select from workers w where w.id = worker and (w.heartbeat_at > now() - dead_after
    -- While the database was away nobody could be heard, so after its start everybody has that long to be.
    or pg_postmaster_start_time() > now() - dead_after)) $$;
drop function runs_to_take(interval, int);
create function runs_to_take(dead_after interval, most int) returns table (account_id uuid, run_id uuid)
  language sql stable security definer set search_path = public, pg_temp as $$
  select r.account_id, r.id from runs r
  where r.state = 'queued'
    or r.state in ('running', 'waiting', 'stopping') and (r.worker_id is null or is_lost(r.worker_id, dead_after))
  order by r.created_at limit most $$;
grant create on schema public to spadework_door;
revoke all on function runs_to_take(interval, int) from public;
alter function runs_to_take(interval, int) owner to spadework_door;
grant execute on function runs_to_take(interval, int) to spadework_app;
revoke create on schema public from spadework_door;
