-- Runs of the kinds that a person waits for come before those that take their time.
drop function runs_to_take(interval, int);
create function runs_to_take(dead_after interval, most int, awaited text[])
  returns table (account_id uuid, run_id uuid, is_awaited boolean)
  language sql stable security definer set search_path = public, pg_temp as $$
  select r.account_id, r.id, r.kind = any(awaited) from runs r
  where r.state = 'queued'
    or r.state in ('running', 'waiting', 'stopping') and (r.worker_id is null or is_lost(r.worker_id, dead_after))
  order by r.kind = any(awaited) desc, r.created_at limit most $$;
grant create on schema public to spadework_door;
revoke all on function runs_to_take(interval, int, text[]) from public;
alter function runs_to_take(interval, int, text[]) owner to spadework_door;
grant execute on function runs_to_take(interval, int, text[]) to spadework_app;
revoke create on schema public from spadework_door;
