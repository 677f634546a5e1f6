-- The Builder: workflows, their versions with the allowed steps between statuses, the conversation, and what left the browser.
create table workflows (
  account_id uuid not null references accounts on delete cascade,
  id uuid not null,
  user_id uuid not null,               -- who made it; others of the account see it once it is shared
  name text,                           -- written by the first build, then by people only
  description text,
  label text,                          -- a person's own word for it, such as finance
  is_shared boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (account_id, id),
  foreign key (account_id, user_id) references users on delete cascade
);
create index workflows_recent on workflows (account_id, updated_at desc);

create table workflow_versions (
  account_id uuid not null,
  id uuid not null,
  workflow_id uuid not null,
  version int not null check (version >= 1),
  status text not null check (status in ('validating', 'validated', 'clarifying', 'building',
    'pending_user_approval', 'approved', 'rejected', 'failed', 'archived')),
  is_active boolean not null default false,
  file_extracts jsonb not null,        -- masked; what the person approved
  fields jsonb,                        -- what the run form asks for; set by a build
  execution jsonb,                     -- engine, dependencies, outputFilename, script; set by a build
  script_sha256 bytea,                 -- of the script's UTF-8 bytes
  saved_minutes int,
  source text not null default 'chat' check (source in ('chat', 'form')),
  form jsonb,                          -- operation and settings, when a form made it
  rejection_reason text,
  failure text,                        -- why the last build gave nothing
  questions_asked int not null default 0 check (questions_asked between 0 and 5),
  repairs_used int not null default 0 check (repairs_used between 0 and 3),
  build_run_id uuid,
  build_started_at timestamptz,
  approved_at timestamptz,
  approved_by uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (account_id, id),
  foreign key (account_id, workflow_id) references workflows on delete cascade,
  foreign key (account_id, build_run_id) references runs on delete set null (build_run_id),
  check (not is_active or status = 'approved'),
  check (status not in ('pending_user_approval', 'approved') or (execution is not null and script_sha256 is not null)),
  check (status <> 'approved' or approved_at is not null)
);
create unique index workflow_versions_number on workflow_versions (account_id, workflow_id, version);
create unique index workflow_versions_one_active on workflow_versions (account_id, workflow_id) where is_active;
create unique index workflow_versions_one_approved on workflow_versions (account_id, workflow_id) where status = 'approved';
create unique index workflow_versions_one_draft on workflow_versions (account_id, workflow_id)
  where status in ('validating', 'validated', 'clarifying', 'building', 'pending_user_approval');

create table workflow_messages (
  account_id uuid not null,
  id uuid not null,
  workflow_id uuid not null,
  version_id uuid not null,            -- the version it was about
  role text not null check (role in ('user', 'assistant')),
  content text not null,
  suggestions jsonb not null default '[]', -- answers a person may click
  run_id uuid,                         -- the run that answers it
  is_in_flight boolean not null default false, -- sent and not answered yet
  created_at timestamptz not null default clock_timestamp(), -- a message and its answer may share a transaction
  primary key (account_id, id),
  foreign key (account_id, workflow_id) references workflows on delete cascade,
  foreign key (account_id, version_id) references workflow_versions on delete cascade,
  foreign key (account_id, run_id) references runs on delete set null (run_id),
  check (not is_in_flight or role = 'user')
);
create index workflow_messages_order on workflow_messages (account_id, workflow_id, created_at, id);
create unique index workflow_messages_one_in_flight on workflow_messages (account_id, workflow_id) where is_in_flight;

create table workflow_tests (          -- an auto-test, as the person's browser reports it
  account_id uuid not null,
  id uuid not null,
  workflow_id uuid not null,
  version_id uuid not null,
  script_sha256 bytea not null,
  kind text not null check (kind in ('synthetic', 'real')),
  result text not null check (result in ('passed', 'failed', 'not_run')),
  seconds double precision not null default 0,
  rows_in bigint,
  rows_out bigint,
  files_out int,
  failure jsonb,                       -- exception, line, message; masked
  created_at timestamptz not null default clock_timestamp(),
  primary key (account_id, id),
  foreign key (account_id, workflow_id) references workflows on delete cascade,
  foreign key (account_id, version_id) references workflow_versions on delete cascade
);
create index workflow_tests_order on workflow_tests (account_id, version_id, created_at, id);

create table workflow_runs (           -- an approved script's run on a person's own files, as they report it
  account_id uuid not null,
  id uuid not null,
  workflow_id uuid not null,
  version_id uuid not null,
  user_id uuid not null,
  script_sha256 bytea not null,
  runner text not null check (runner in ('browser', 'local')),
  success boolean not null,
  seconds double precision not null default 0,
  rows_in bigint,
  rows_out bigint,
  files_out int,
  failure jsonb,                       -- exception, line, message; masked
  created_at timestamptz not null default clock_timestamp(),
  primary key (account_id, id),
  foreign key (account_id, workflow_id) references workflows on delete cascade,
  foreign key (account_id, version_id) references workflow_versions on delete cascade,
  foreign key (account_id, user_id) references users on delete cascade
);
create index workflow_runs_recent on workflow_runs (account_id, workflow_id, created_at desc, id desc);

create table workflow_ledger (         -- never changed: the exact bytes that left the browser, and those a language model got
  account_id uuid not null,
  id uuid not null,
  workflow_id uuid not null,
  direction text not null check (direction in ('to_server', 'to_llm')),
  what text not null,
  content bytea not null,
  sha256 bytea not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (account_id, id),
  foreign key (account_id, workflow_id) references workflows on delete cascade
);
create index workflow_ledger_order on workflow_ledger (account_id, workflow_id, created_at, id);

-- The steps a version may take. A repair builds the same version again, so what waits for a person may return to building.
create function workflow_status_may_become(before text, after text) returns boolean
  language sql immutable set search_path = pg_catalog as $$
  select before <> 'archived' and after = 'archived' or (before, after) in (
    ('validating', 'validated'), ('validating', 'rejected'), ('validated', 'clarifying'), ('clarifying', 'clarifying'),
    ('clarifying', 'building'), ('building', 'pending_user_approval'), ('building', 'failed'),
    ('pending_user_approval', 'building'), ('pending_user_approval', 'approved'))
$$;

create function workflow_version_keeps_its_steps() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if tg_op = 'INSERT' then
    if new.status not in ('validating', 'validated') then
      raise exception 'a workflow version begins as validating or validated, not %', new.status
        using errcode = 'check_violation', constraint = 'workflow_versions_transition';
    end if;
    return new;
  end if;
  if new.status <> old.status and not workflow_status_may_become(old.status, new.status) then
    raise exception 'a workflow version cannot go from % to %', old.status, new.status
      using errcode = 'check_violation', constraint = 'workflow_versions_transition';
  end if;
  if old.status = 'pending_user_approval' and new.status = 'building' and new.repairs_used <> old.repairs_used + 1 then
    raise exception 'only a repair builds a version again'
      using errcode = 'check_violation', constraint = 'workflow_versions_transition';
  end if;
  if old.status in ('approved', 'rejected', 'failed', 'archived') and (new.script_sha256, new.execution, new.fields)
    is distinct from (old.script_sha256, old.execution, old.fields) then
    raise exception 'the script of a version that has ended cannot change'
      using errcode = 'check_violation', constraint = 'workflow_versions_script';
  end if;
  if old.script_sha256 is distinct from new.script_sha256 and old.status <> 'building' then
    raise exception 'only a build writes a script'
      using errcode = 'check_violation', constraint = 'workflow_versions_script';
  end if;
  if new.execution is not null
    and new.script_sha256 is distinct from pg_catalog.sha256(pg_catalog.convert_to(new.execution ->> 'script', 'UTF8')) then
    raise exception 'the hash is that of another script'
      using errcode = 'check_violation', constraint = 'workflow_versions_script';
  end if;
  return new;
end $$;
create trigger workflow_versions_steps before insert or update on workflow_versions
  for each row execute function workflow_version_keeps_its_steps();

do $$ declare each text; begin
  foreach each in array array['workflows', 'workflow_versions', 'workflow_messages', 'workflow_tests', 'workflow_runs',
    'workflow_ledger']
  loop
    execute format('alter table %I enable row level security', each);
    execute format('alter table %I force row level security', each);
    execute format('create policy own_account on %I for all
      using (account_id = (select nullif(current_setting(''app.account_id'', true), '''')::uuid))
      with check (account_id = (select nullif(current_setting(''app.account_id'', true), '''')::uuid))', each);
    execute format('grant select, insert on %I to spadework_app', each);
  end loop;
  foreach each in array array['workflows', 'workflow_versions', 'workflow_messages']
  loop
    execute format('grant update on %I to spadework_app', each);
  end loop;
  grant delete on workflows to spadework_app;
end $$;
