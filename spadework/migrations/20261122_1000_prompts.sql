-- Prompts: immutable numbered versions, labels that point to them, and what was tried with them.
create table prompts (
  account_id uuid not null references accounts on delete cascade,
  id uuid not null,
  key text not null,                   -- such as find-lead.search-builder; what steps and other prompts name
  name text not null,
  stage text not null,                 -- the group it is shown in, such as FIND_LEAD
  step text,                           -- the pipeline's step that uses it
  position int not null default 0,     -- its place within the stage
  description text not null default '',
  tags text[] not null default '{}',
  is_fragment boolean not null default false, -- text that other prompts include; never sent alone
  produces_claims boolean not null default false,
  merges_claims boolean not null default false,
  context_pack text,                   -- the context pack it makes, named by consumer; null: none
  execution_mode text not null default 'sync', -- sync agent background
  timeout_seconds int not null default 120,
  created_by uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  archived_at timestamptz,
  primary key (account_id, id)
);
create unique index prompts_key on prompts (account_id, key);
create table prompt_versions (         -- never changed and never removed: the app's role may only add and read
  account_id uuid not null,
  id uuid not null,
  prompt_id uuid not null,
  number int not null,
  branch text not null default 'main',
  parent int,                          -- the version it was made from
  merged int,                          -- the other parent, when it is a merge
  text text not null,
  config jsonb not null,               -- model, temperature, max_tokens, output_schema, tools
  inputs jsonb not null default '[]',  -- the variables it takes: name, description, is_required
  sha256 bytea not null,               -- of text, config and inputs
  is_library boolean not null default false, -- as shipped, not a person's
  notes text not null default '',
  created_by uuid,
  created_at timestamptz not null default now(),
  primary key (account_id, id),
  foreign key (account_id, prompt_id) references prompts on delete cascade
);
create unique index prompt_versions_number on prompt_versions (account_id, prompt_id, number);
create table prompt_labels (
  account_id uuid not null,
  prompt_id uuid not null,
  name text not null,
  number int not null,
  is_protected boolean not null default false, -- moves only through the gate: assertions and an approver
  moved_by uuid,
  moved_at timestamptz not null default now(),
  primary key (account_id, prompt_id, name),
  foreign key (account_id, prompt_id) references prompts on delete cascade,
  foreign key (account_id, prompt_id, number) references prompt_versions (account_id, prompt_id, number)
);
create table prompt_label_moves (      -- every move of a label, asked for or made
  account_id uuid not null,
  id uuid not null,
  prompt_id uuid not null,
  label text not null,
  number int not null,
  from_number int,
  state text not null,                 -- waiting moved rejected
  fingerprint text not null,           -- of what the approver is shown
  gate jsonb not null default '{}',    -- the assertions' outcome when it was asked for, and again when decided
  note text not null default '',
  asked_by uuid,
  asked_at timestamptz not null default now(),
  decided_by uuid,
  decided_at timestamptz,
  primary key (account_id, id),
  foreign key (account_id, prompt_id) references prompts on delete cascade,
  foreign key (account_id, prompt_id, number) references prompt_versions (account_id, prompt_id, number)
);
create index prompt_label_moves_recent on prompt_label_moves (account_id, prompt_id, asked_at desc);
create table prompt_assertion_sets (   -- what a good output is; each change is a new revision
  account_id uuid not null,
  prompt_id uuid not null,
  revision int not null,
  assertions jsonb not null,
  created_by uuid,
  created_at timestamptz not null default now(),
  primary key (account_id, prompt_id, revision),
  foreign key (account_id, prompt_id) references prompts on delete cascade
);
create table prompt_fixtures (         -- inputs kept for testing
  account_id uuid not null,
  id uuid not null,
  prompt_id uuid not null,
  name text not null,
  variables jsonb not null,
  step_run_id uuid,                    -- the step run it was captured from
  created_by uuid,
  created_at timestamptz not null default now(),
  primary key (account_id, id),
  foreign key (account_id, prompt_id) references prompts on delete cascade
);
create unique index prompt_fixtures_name on prompt_fixtures (account_id, prompt_id, lower(name));
create table prompt_experiments (      -- versions tried on inputs; both are kept as they were when it began
  account_id uuid not null,
  id uuid not null,
  prompt_id uuid not null,
  kind text not null,                  -- test evaluation comparison
  name text not null,
  client_id uuid,
  run_id uuid,
  candidates jsonb not null,           -- number (null: a draft), title, text, config, inputs
  cases jsonb not null,                -- name, variables, fixture_id, step_run_id
  assertions jsonb not null default '[]',
  assertions_revision int not null default 0,
  is_fresh boolean not null default false, -- buy anew what was answered before
  summary jsonb,                       -- per candidate, once finished
  created_by uuid,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (account_id, id),
  foreign key (account_id, prompt_id) references prompts on delete cascade,
  foreign key (account_id, client_id) references clients on delete set null (client_id),
  foreign key (account_id, run_id) references runs on delete set null (run_id)
);
create index prompt_experiments_recent on prompt_experiments (account_id, prompt_id, created_at desc);
create table prompt_trials (           -- one candidate on one case
  account_id uuid not null,
  id uuid not null,
  experiment_id uuid not null,
  candidate_no int not null,
  case_no int not null,
  interpolated_prompt text not null,
  raw_output text,
  parsed_output jsonb,
  model text,
  input_tokens int not null default 0,
  output_tokens int not null default 0,
  cost_micro_usd bigint not null default 0,
  duration_ms int not null default 0,
  attempts int not null default 1,
  is_simulated boolean not null default false,
  verdicts jsonb not null default '[]', -- one per assertion: kind, is_passed, reason
  is_passed boolean not null,
  error jsonb,
  at timestamptz not null default now(),
  primary key (account_id, id),
  foreign key (account_id, experiment_id) references prompt_experiments on delete cascade
);
create unique index prompt_trials_place on prompt_trials (account_id, experiment_id, candidate_no, case_no);

-- A step run says which prompt and version it was made with, so that a prompt's last run is found at once.
alter table step_runs add column prompt_id uuid, add column prompt_version int,
  add foreign key (account_id, prompt_id) references prompts on delete set null (prompt_id);
create index step_runs_prompt on step_runs (account_id, prompt_id, created_at desc) where prompt_id is not null;

do $$ declare each text; begin
  foreach each in array array['prompts', 'prompt_versions', 'prompt_labels', 'prompt_label_moves',
    'prompt_assertion_sets', 'prompt_fixtures', 'prompt_experiments', 'prompt_trials']
  loop
    execute format('alter table %I enable row level security', each);
    execute format('alter table %I force row level security', each);
    execute format('create policy own_account on %I for all
      using (account_id = (select nullif(current_setting(''app.account_id'', true), '''')::uuid))
      with check (account_id = (select nullif(current_setting(''app.account_id'', true), '''')::uuid))', each);
    execute format('grant select, insert on %I to spadework_app', each);
  end loop;
  foreach each in array array['prompts', 'prompt_labels', 'prompt_label_moves', 'prompt_fixtures',
    'prompt_experiments', 'prompt_trials']
  loop
    execute format('grant update, delete on %I to spadework_app', each);
  end loop;
end $$;

-- Stable read-only views with the seed's columns; documented in docs/reference/views.md.
create view v2_prompts with (security_invoker = true) as
  select p.account_id, p.id, p.key as prompt_id, p.name, p.stage, p.step, p.position as step_order, p.produces_claims,
    p.merges_claims, p.context_pack is not null as produces_context_pack, p.context_pack as context_pack_type,
    v.config ->> 'model' as model, (v.config ->> 'temperature')::float8 as temperature,
    (v.config ->> 'max_tokens')::int as max_tokens, jsonb_array_length(v.config -> 'tools') > 0 as uses_tools,
    p.execution_mode, p.timeout_seconds as timeout, v.number as current_version, p.archived_at is null as is_active,
    p.created_at, p.updated_at
  from prompts p left join lateral (
    select number, config from prompt_versions v
    where v.account_id = p.account_id and v.prompt_id = p.id and v.branch = 'main' order by number desc limit 1
  ) v on true;
create view v2_prompt_versions with (security_invoker = true) as
  select v.account_id, v.id, p.key as prompt_id, v.number as version_number, v.text as content, v.notes as change_notes,
    v.branch, v.config, v.created_by, v.created_at
  from prompt_versions v join prompts p on p.account_id = v.account_id and p.id = v.prompt_id;
grant select on v2_prompts, v2_prompt_versions to spadework_app;
