-- Pipelines: what a step run that asks a language model keeps besides its inputs and outputs.
alter table step_runs
  add step text,                       -- the step's id, the same for each person it is taken for; null: bookkeeping
  add prompt_key text,                 -- kept when the prompt itself is gone
  add contact_index int,               -- which person, for steps taken once for each
  add is_simulated boolean not null default false,
  add calls jsonb;                     -- every question that left: to whom, what came back, what it cost
create index runs_children on runs (account_id, parent_run_id) where parent_run_id is not null;
