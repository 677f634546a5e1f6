-- Live pages hear of a step of a run when it begins, waits or ends: told by the row itself, in the transaction that writes
-- it. As a statement of its own that was one more trip to the database before and after every question.
-- `step` is null for what a run does for itself, such as preparing; a question that nothing calls for is not told.
create function tell_of_step() returns trigger
  language plpgsql set plan_cache_mode = auto as $$
declare
  told bigint;
begin
  insert into events (account_id, topic, payload)
    values (new.account_id, 'run:' || new.run_id,
      jsonb_build_object('type', 'step', 'run_id', new.run_id, 'key', new.key))
    returning id into told;
  perform pg_notify('spadework_events', new.account_id || ':' || told);
  return null;
end $$;
create trigger step_runs_tell after insert or update of state on step_runs
  for each row when (new.step is not null and new.state <> 'skipped') execute function tell_of_step();
