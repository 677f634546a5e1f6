-- The foundation: accounts, clients, spend, runs, plans and workbooks.
-- Rules of every table here: account_id first in each key, composite references, row security forced (end of file).

-- Accounts ------------------------------------------------------------------------------------------------
create table accounts (
  account_id uuid primary key,
  name text not null,
  wrapped_key bytea not null,          -- this account's data key, wrapped by the installation's key
  is_training boolean not null default true,  -- vendors answer from the simulator until a key is stored
  settings jsonb not null default '{}',
  created_at timestamptz not null default now()
);
create table users (
  account_id uuid not null references accounts on delete cascade,
  id uuid not null,
  email text not null,
  name text not null,
  password_hash text not null,
  role text not null,
  created_at timestamptz not null default now(),
  disabled_at timestamptz,
  primary key (account_id, id)
);
create unique index users_email on users (account_id, lower(email));
create index users_login on users (lower(email));
create table sessions (
  account_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  token_sha256 bytea not null,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  user_agent text,
  address text,
  primary key (account_id, id),
  foreign key (account_id, user_id) references users on delete cascade
);
create index sessions_token on sessions (token_sha256);
create table bootstrap_tokens (
  account_id uuid not null references accounts on delete cascade,
  token_sha256 bytea not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  primary key (account_id, token_sha256)
);
create index bootstrap_token on bootstrap_tokens (token_sha256);
create table sign_in_failures (
  account_id uuid not null,
  user_id uuid not null,
  network text not null,
  at timestamptz not null default now(),
  foreign key (account_id, user_id) references users on delete cascade
);
create index sign_in_failures_recent on sign_in_failures (account_id, user_id, at);
create table api_keys (
  account_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  name text not null,
  public_id text not null,
  secret_sha256 bytea not null,
  scopes text[] not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz,
  primary key (account_id, id),
  foreign key (account_id, user_id) references users on delete cascade
);
create index api_keys_public on api_keys (public_id);
create table credentials (
  account_id uuid not null references accounts on delete cascade,
  id uuid not null,
  kind text not null,                  -- provider | llm
  name text not null,                  -- the plug-in's key
  ciphertext bytea not null,
  version int not null,
  last_four text not null,
  fingerprint text not null,
  base_url text,
  features jsonb not null default '{}',
  usd_per_credit float8,
  updated_by uuid,
  updated_at timestamptz not null default now(),
  primary key (account_id, id)
);
create unique index credentials_name on credentials (account_id, kind, name);
create table idempotency_keys (
  account_id uuid not null references accounts on delete cascade,
  principal text not null,
  route text not null,
  key text not null,
  body_sha256 bytea not null,
  status int,
  response jsonb,
  created_at timestamptz not null default now(),
  primary key (account_id, principal, route, key)
);

-- Clients -------------------------------------------------------------------------------------------------
create table clients (
  account_id uuid not null references accounts on delete cascade,
  id uuid not null,
  name text not null,
  domain text,
  llm text,
  model text,
  settings jsonb not null default '{}',
  created_at timestamptz not null default now(),
  archived_at timestamptz,
  primary key (account_id, id)
);
create unique index clients_name on clients (account_id, lower(name)) where archived_at is null;

-- Runs ----------------------------------------------------------------------------------------------------
create table runs (
  account_id uuid not null references accounts on delete cascade,
  id uuid not null,
  client_id uuid,
  kind text not null,                  -- the job's registered name, such as fill_columns or apply_plan
  title text not null,
  subject jsonb not null default '{}', -- ids of what it serves: workbook_id, table_id, field_ids, plan_id
  table_id uuid,
  state text not null default 'queued', -- queued running waiting stopping stopped succeeded failed
  input jsonb not null default '{}',
  progress jsonb not null default '{}',
  result jsonb,
  error jsonb,
  is_simulated boolean not null default false,
  fence int not null default 0,        -- grows each time a worker takes the run; late writers hold an older one
  worker_id text,
  attempts int not null default 0,
  parent_run_id uuid,
  created_by uuid,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  updated_at timestamptz not null default now(),
  primary key (account_id, id),
  foreign key (account_id, client_id) references clients,
  foreign key (account_id, parent_run_id) references runs on delete set null (parent_run_id)
);
create index runs_waiting on runs (created_at) where state in ('queued', 'running', 'waiting', 'stopping');
create index runs_recent on runs (account_id, created_at desc);
create table step_runs (
  account_id uuid not null,
  id uuid not null,
  run_id uuid not null,
  no int not null,
  key text not null,
  label text not null,
  state text not null,                 -- queued running waiting succeeded failed skipped stopped unknown
  input_variables jsonb,
  lineage jsonb,
  interpolated_prompt text,
  raw_output text,
  parsed_output jsonb,
  model text,
  input_tokens int,
  output_tokens int,
  cost_micro_usd bigint not null default 0,
  attempts int not null default 0,
  error jsonb,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  primary key (account_id, id),
  foreign key (account_id, run_id) references runs on delete cascade
);
create unique index step_runs_key on step_runs (account_id, run_id, key);
create table run_signals (
  account_id uuid not null,
  run_id uuid not null,
  name text not null,
  payload jsonb not null,
  at timestamptz not null default now(),
  primary key (account_id, run_id, name),
  foreign key (account_id, run_id) references runs on delete cascade
);
create table schedules (
  account_id uuid not null references accounts on delete cascade,
  id uuid not null,
  name text not null,
  cron text not null,
  kind text not null,
  input jsonb not null default '{}',
  client_id uuid,
  next_at timestamptz not null,
  last_run_id uuid,
  paused_at timestamptz,
  primary key (account_id, id),
  foreign key (account_id, client_id) references clients
);
create index schedules_due on schedules (next_at) where paused_at is null;
create table workers (                 -- not tenant data: which processes are alive
  id text primary key,
  host text not null,
  pid int not null,
  started_at timestamptz not null default now(),
  heartbeat_at timestamptz not null default now()
);
create table events (
  account_id uuid not null references accounts on delete cascade,
  id bigint generated always as identity,
  topic text not null,
  payload jsonb not null,
  at timestamptz not null default now(),
  primary key (account_id, id)
);
create index events_at on events (at);

-- Spend ---------------------------------------------------------------------------------------------------
create table budgets (
  account_id uuid not null references accounts on delete cascade,
  id uuid not null,
  scope text not null,                 -- account client workbook table column run
  scope_id uuid not null,
  limit_micro_usd bigint not null check (limit_micro_usd >= 0),
  reserved_micro_usd bigint not null default 0 check (reserved_micro_usd >= 0),
  spent_micro_usd bigint not null default 0 check (spent_micro_usd >= 0),
  updated_by uuid,
  updated_at timestamptz not null default now(),
  primary key (account_id, id)
);
create unique index budgets_scope on budgets (account_id, scope, scope_id);
create table ledger (
  account_id uuid not null references accounts on delete cascade,
  id uuid not null,
  seq bigint generated always as identity,
  at timestamptz not null default clock_timestamp(),
  kind text not null,                  -- reserve settle void
  amount_micro_usd bigint not null,    -- reserve: set aside; settle: really spent; void: given back
  released_micro_usd bigint not null default 0, -- settle and void: how much of a reservation ended
  calls int not null default 1,
  provider text not null,
  capability text not null default '',
  is_simulated boolean not null default false,
  client_id uuid, workbook_id uuid, table_id uuid, field_id uuid, run_id uuid,
  primary key (account_id, id)
);
create index ledger_at on ledger (account_id, at);
create index ledger_run on ledger (account_id, run_id);
create table ledger_balances (
  account_id uuid not null,
  entry_id uuid not null,
  budget_id uuid not null,
  reserved_after_micro_usd bigint not null,
  spent_after_micro_usd bigint not null,
  limit_micro_usd bigint not null,
  primary key (account_id, entry_id, budget_id),
  foreign key (account_id, entry_id) references ledger,
  foreign key (account_id, budget_id) references budgets on delete cascade
);
create table calls (
  account_id uuid not null references accounts on delete cascade,
  id uuid not null,
  key bytea not null,                  -- sha256 of account, cell, settings version, question: stable over retries
  question_sha256 bytea not null,      -- of provider, capability and question: what must not be bought twice
  run_id uuid,
  table_id uuid,
  row_id bigint,
  field_id uuid,
  client_id uuid,
  workbook_id uuid,
  provider text not null,
  capability text not null,
  call_class text not null,
  state text not null,                 -- intent sent ok failed void unknown
  is_simulated boolean not null default false,
  attempt int not null default 1,
  request jsonb,
  response jsonb,
  error text,
  reserved_micro_usd bigint not null default 0,
  settled_micro_usd bigint,
  worker_id text,
  intent_at timestamptz not null default clock_timestamp(),
  settled_at timestamptz,
  resolved_by uuid,
  resolution text,
  primary key (account_id, id)
);
create unique index calls_key on calls (account_id, key);
create index calls_question on calls (account_id, question_sha256) where state = 'ok';
create index calls_open on calls (account_id, worker_id) where state in ('intent', 'sent', 'unknown');
create index calls_run on calls (account_id, run_id);

-- Approvals and plans -------------------------------------------------------------------------------------
create table approvals (
  account_id uuid not null references accounts on delete cascade,
  id uuid not null,
  subject_kind text not null,
  subject_id uuid not null,
  fingerprint text not null,
  decision text not null,              -- yes no
  shown jsonb not null,
  decided_by uuid,
  decided_at timestamptz not null default now(),
  primary key (account_id, id)
);
create unique index approvals_once on approvals (account_id, subject_kind, subject_id, fingerprint);

-- Workbooks -----------------------------------------------------------------------------------------------
create table workbooks (
  account_id uuid not null references accounts on delete cascade,
  id uuid not null,
  client_id uuid not null,
  name text not null,
  is_training boolean not null default true,
  created_by uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  archived_at timestamptz,
  primary key (account_id, id),
  foreign key (account_id, client_id) references clients
);
create table plans (
  account_id uuid not null references accounts on delete cascade,
  id uuid not null,
  client_id uuid not null,
  name text not null,
  answers jsonb,
  document jsonb not null,
  compiled jsonb not null,
  hash text not null,
  state text not null default 'draft', -- draft approved applying applied failed
  workbook_id uuid,
  run_id uuid,
  created_by uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (account_id, id),
  foreign key (account_id, client_id) references clients,
  foreign key (account_id, workbook_id) references workbooks on delete set null (workbook_id)
);
create table tables (
  account_id uuid not null,
  id uuid not null,
  workbook_id uuid not null,
  name text not null,
  kind text not null default 'table',  -- ce (the first of a workbook) or table
  position int not null default 0,
  next_row_id bigint not null default 1,
  row_count bigint not null default 0,
  next_field_no int not null default 1,
  version bigint not null default 0,
  source jsonb,                        -- where its rows came from: capability, filters, file name
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (account_id, id),
  foreign key (account_id, workbook_id) references workbooks on delete cascade
);
create table fields (
  account_id uuid not null,
  id uuid not null,
  table_id uuid not null,
  no int not null,                     -- small stable number of the column inside its table, never reused
  name text not null,
  kind text not null,
  settings jsonb not null default '{}',
  settings_version int not null default 1,
  storage text not null,               -- text number timestamp json
  slot text not null,                  -- the column of `rows` that holds the value
  position int not null default 0,
  condition text,
  auto_run boolean not null default false,
  output_of uuid,                      -- filled by that column's run, as its output `output_name`
  output_name text,
  width int,
  is_hidden boolean not null default false,
  created_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (account_id, id),
  foreign key (account_id, table_id) references tables on delete cascade,
  foreign key (account_id, output_of) references fields on delete set null (output_of)
);
create unique index fields_no on fields (account_id, table_id, no);
create unique index fields_name on fields (account_id, table_id, lower(name)) where deleted_at is null;
create unique index fields_slot on fields (account_id, table_id, slot) where deleted_at is null;
create table active_fields (           -- a column is filled by one run at a time
  account_id uuid not null,
  table_id uuid not null,
  field_id uuid not null,
  run_id uuid not null,
  scope jsonb not null,                -- what the run covers, for showing cells as queued
  primary key (account_id, field_id),
  foreign key (account_id, field_id) references fields on delete cascade,
  foreign key (account_id, run_id) references runs on delete cascade
);
create table views (
  account_id uuid not null,
  id uuid not null,
  table_id uuid not null,
  name text not null,
  filters jsonb not null default '[]',
  sorts jsonb not null default '[]',
  columns jsonb not null default '{}',
  position int not null default 0,
  primary key (account_id, id),
  foreign key (account_id, table_id) references tables on delete cascade
);
create table rows (
  account_id uuid not null,
  table_id uuid not null,
  row_id bigint not null,
  source text,
  created_at timestamptz not null default now(),
  t1 text, t2 text, t3 text, t4 text, t5 text, t6 text, t7 text, t8 text, t9 text, t10 text, t11 text, t12 text,
  t13 text, t14 text, t15 text, t16 text, t17 text, t18 text, t19 text, t20 text, t21 text, t22 text, t23 text,
  t24 text, t25 text, t26 text, t27 text, t28 text, t29 text, t30 text, t31 text, t32 text, t33 text, t34 text,
  t35 text, t36 text, t37 text, t38 text, t39 text, t40 text, t41 text, t42 text, t43 text, t44 text, t45 text,
  t46 text, t47 text, t48 text, t49 text, t50 text, t51 text, t52 text, t53 text, t54 text, t55 text, t56 text,
  t57 text, t58 text, t59 text, t60 text, t61 text, t62 text, t63 text, t64 text, t65 text, t66 text, t67 text,
  t68 text, t69 text, t70 text, t71 text, t72 text, t73 text, t74 text, t75 text, t76 text, t77 text, t78 text,
  t79 text, t80 text, t81 text, t82 text, t83 text, t84 text, t85 text, t86 text, t87 text, t88 text, t89 text,
  t90 text, t91 text, t92 text, t93 text, t94 text, t95 text, t96 text, t97 text, t98 text, t99 text, t100 text,
  t101 text, t102 text, t103 text, t104 text, t105 text, t106 text, t107 text, t108 text, t109 text, t110 text,
  t111 text, t112 text, t113 text, t114 text, t115 text, t116 text, t117 text, t118 text, t119 text, t120 text,
  n1 float8, n2 float8, n3 float8, n4 float8, n5 float8, n6 float8, n7 float8, n8 float8, n9 float8, n10 float8,
  n11 float8, n12 float8, n13 float8, n14 float8, n15 float8, n16 float8, n17 float8, n18 float8, n19 float8,
  n20 float8, n21 float8, n22 float8, n23 float8, n24 float8, n25 float8, n26 float8, n27 float8, n28 float8,
  n29 float8, n30 float8, n31 float8, n32 float8, n33 float8, n34 float8, n35 float8, n36 float8, n37 float8,
  n38 float8, n39 float8, n40 float8, d1 timestamptz, d2 timestamptz, d3 timestamptz, d4 timestamptz, d5
  timestamptz, d6 timestamptz, d7 timestamptz, d8 timestamptz, d9 timestamptz, d10 timestamptz, d11 timestamptz,
  d12 timestamptz, d13 timestamptz, d14 timestamptz, d15 timestamptz, d16 timestamptz, d17 timestamptz, d18
  timestamptz, d19 timestamptz, d20 timestamptz, j1 jsonb, j2 jsonb, j3 jsonb, j4 jsonb, j5 jsonb, j6 jsonb, j7
  jsonb, j8 jsonb, j9 jsonb, j10 jsonb, j11 jsonb, j12 jsonb, j13 jsonb, j14 jsonb, j15 jsonb, j16 jsonb, j17
  jsonb, j18 jsonb, j19 jsonb, j20 jsonb,
  primary key (account_id, table_id, row_id)
) partition by hash (table_id);
create table row_blocks (              -- live rows per 1,000 row ids, so that any page is found without counting
  account_id uuid not null,
  table_id uuid not null,
  block int not null,
  live int not null,
  primary key (account_id, table_id, block),
  foreign key (account_id, table_id) references tables on delete cascade
);
create table cell_state (
  account_id uuid not null,
  table_id uuid not null,
  row_id bigint not null,
  field_no int not null,
  state text not null,
  marks smallint not null default 0,   -- bit 1 simulated, bit 2 guessed, bit 4 edited by hand
  note text,
  run_id uuid,
  at timestamptz not null default now(),
  primary key (account_id, table_id, row_id, field_no)
) partition by hash (table_id);
create table cell_runs (
  account_id uuid not null,
  table_id uuid not null,
  row_id bigint not null,
  field_no int not null,
  id uuid not null,
  run_id uuid,
  state text not null,
  value jsonb,
  note text,
  provider text,
  marks smallint not null default 0,
  cost_micro_usd bigint not null default 0,
  evidence jsonb,                      -- each question asked, in order: provider, request, response, outcome, cost
  started_at timestamptz,
  at timestamptz not null default now(),
  primary key (account_id, table_id, row_id, field_no, id)
) partition by hash (table_id);
do $$ begin
  for n in 0..15 loop
    execute format('create table rows_%s partition of rows for values with (modulus 16, remainder %s) with (fillfactor = 85)', n, n);
    execute format('create table cell_state_%s partition of cell_state for values with (modulus 16, remainder %s) with (fillfactor = 85)', n, n);
    execute format('create table cell_runs_%s partition of cell_runs for values with (modulus 16, remainder %s)', n, n);
  end loop;
end $$;
create table import_rejects (
  account_id uuid not null,
  run_id uuid not null,
  line bigint not null,
  reason text not null,
  content text,
  primary key (account_id, run_id, line),
  foreign key (account_id, run_id) references runs on delete cascade
);

-- Row security: every table that has account_id, partitions included ---------------------------------------
do $$ declare each record; begin
  for each in
    select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'account_id'
    where n.nspname = 'public' and c.relkind in ('r', 'p')
  loop
    execute format('alter table %I enable row level security', each.relname);
    execute format('alter table %I force row level security', each.relname);
    execute format('create policy own_account on %I for all
      using (account_id = (select nullif(current_setting(''app.account_id'', true), '''')::uuid))
      with check (account_id = (select nullif(current_setting(''app.account_id'', true), '''')::uuid))', each.relname);
  end loop;
end $$;

-- What the restricted role may do: rows, never structure; partitions only through their parent --------------
grant usage on schema public to spadework_app;
do $$ declare each record; begin
  for each in
    select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'schema_migrations'
  loop
    execute format('grant select, insert, update, delete on %I to spadework_app', each.relname);
  end loop;
end $$;

-- Narrow doors: what must be known before the account is. Owned by a role that may read just this. ----------
grant usage on schema public to spadework_door;
grant create on schema public to spadework_door;
grant select on sessions, users, api_keys, bootstrap_tokens, accounts, runs, schedules, active_fields to spadework_door;
create policy door on sessions for select to spadework_door using (true);
create policy door on users for select to spadework_door using (true);
create policy door on api_keys for select to spadework_door using (true);
create policy door on bootstrap_tokens for select to spadework_door using (true);
create policy door on accounts for select to spadework_door using (true);
create policy door on runs for select to spadework_door using (true);
create policy door on schedules for select to spadework_door using (true);

create function find_session(token bytea) returns table (account_id uuid, id uuid, user_id uuid, expires_at timestamptz, last_seen_at timestamptz)
  language sql stable security definer set search_path = public, pg_temp as $$
  select s.account_id, s.id, s.user_id, s.expires_at, s.last_seen_at from sessions s
  where s.token_sha256 = token and s.revoked_at is null and s.expires_at > now() $$;
create function find_logins(address text) returns table (account_id uuid, user_id uuid, password_hash text)
  language sql stable security definer set search_path = public, pg_temp as $$
  select u.account_id, u.id, u.password_hash from users u where lower(u.email) = lower(address) and u.disabled_at is null $$;
create function find_api_key(wanted text) returns table (account_id uuid, id uuid, user_id uuid, secret_sha256 bytea, scopes text[], expires_at timestamptz)
  language sql stable security definer set search_path = public, pg_temp as $$
  select k.account_id, k.id, k.user_id, k.secret_sha256, k.scopes, k.expires_at from api_keys k
  where k.public_id = wanted and k.revoked_at is null and k.expires_at > now() $$;
create function find_bootstrap(token bytea) returns table (account_id uuid)
  language sql stable security definer set search_path = public, pg_temp as $$
  select b.account_id from bootstrap_tokens b where b.token_sha256 = token and b.used_at is null and b.expires_at > now() $$;
create function count_accounts() returns bigint
  language sql stable security definer set search_path = public, pg_temp as $$ select count(*) from accounts $$;
create function first_account() returns uuid
  language sql stable security definer set search_path = public, pg_temp as $$
  select a.account_id from accounts a order by a.created_at limit 1 $$;
create function list_account_ids() returns setof uuid
  language sql stable security definer set search_path = public, pg_temp as $$ select a.account_id from accounts a $$;
-- Runs nobody works on: queued ones, and those whose worker's heart stopped.
create function runs_to_take(dead_after interval, most int) returns table (account_id uuid, run_id uuid, kind text, worker_id text, state text)
  language sql stable security definer set search_path = public, pg_temp as $$
  select r.account_id, r.id, r.kind, r.worker_id, r.state from runs r
  left join workers w on w.id = r.worker_id
  where r.state in ('queued', 'running', 'waiting', 'stopping')
    and (r.worker_id is null or w.id is null or w.heartbeat_at < now() - dead_after)
  order by r.created_at limit most $$;
create function schedules_due(most int) returns table (account_id uuid, schedule_id uuid)
  language sql stable security definer set search_path = public, pg_temp as $$
  select s.account_id, s.id from schedules s where s.paused_at is null and s.next_at <= now() order by s.next_at limit most $$;
grant select on workers to spadework_door;
do $$ declare each text; begin
  foreach each in array array['find_session(bytea)', 'find_logins(text)', 'find_api_key(text)', 'find_bootstrap(bytea)',
    'count_accounts()', 'first_account()', 'list_account_ids()', 'runs_to_take(interval, int)', 'schedules_due(int)']
  loop
    execute format('revoke all on function %s from public', each);
    execute format('alter function %s owner to spadework_door', each);
    execute format('grant execute on function %s to spadework_app', each);
  end loop;
end $$;
revoke create on schema public from spadework_door;

-- Stable read-only views for outside checks; columns are documented in docs/reference/views.md ----------------
create view v_calls with (security_invoker = true) as
  select id, account_id, run_id, table_id, row_id, field_id, provider, capability, encode(key, 'hex') as key, call_class, state,
    is_simulated, attempt, reserved_micro_usd as price_reserved, settled_micro_usd as price_settled, intent_at, settled_at, worker_id
  from calls;
create view v_budget_ledger with (security_invoker = true) as
  select l.seq, l.id, l.account_id, l.at, l.kind, l.amount_micro_usd, l.released_micro_usd, l.calls, l.provider, l.capability,
    l.is_simulated, l.run_id, b.budget_id, g.scope, g.scope_id, b.reserved_after_micro_usd as pending,
    b.spent_after_micro_usd as posted, b.limit_micro_usd as limit_at
  from ledger l left join ledger_balances b on b.account_id = l.account_id and b.entry_id = l.id
  left join budgets g on g.account_id = b.account_id and g.id = b.budget_id;
create view v_cell_versions with (security_invoker = true) as
  select account_id, table_id, row_id, field_no, id as version, run_id, state, value, marks, cost_micro_usd, at from cell_runs;
create view v_jobs with (security_invoker = true) as
  select account_id, id as job_id, kind, state, worker_id, fence, attempts, created_at, started_at, finished_at, updated_at from runs;
grant select on v_calls, v_budget_ledger, v_cell_versions, v_jobs to spadework_app;
