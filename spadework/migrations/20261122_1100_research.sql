-- Research: sources, claims and what a merge made of them, context packs, dossiers with their sections, contacts,
-- and what is known of each client. The seed's names and columns are views, in 20261122_1300_research_views.sql.
create table sources (                 -- pages as they were read; quotes are looked for in `text`
  account_id uuid not null references accounts on delete cascade,
  id uuid not null,
  run_id uuid,
  url text not null,
  name text not null,
  text text not null,
  sha256 bytea not null,               -- of the text: the same page read twice in a run is one source
  tier text,
  published_on date,
  is_simulated boolean not null default false,
  fetched_at timestamptz not null default now(),
  primary key (account_id, id),
  foreign key (account_id, run_id) references runs on delete cascade
);
create unique index sources_once on sources (account_id, run_id, url, sha256);
create table claims (
  account_id uuid not null,
  id uuid not null,
  run_id uuid not null,
  client_id uuid,
  step_run_id uuid,
  claim_id text not null,              -- search_001: unique within the run, made by our code
  seq bigint generated always as identity,
  claim_type text not null,
  statement text not null check (length(statement) <= 500),
  entities text[] not null default '{}',
  date_in_claim date,
  source_url text,
  source_name text not null,
  source_tier text not null,
  confidence text not null,
  source_step text not null,
  quote text not null default '',
  source_id uuid,                      -- where our code found the quote; null: unsupported
  quote_start int,
  quote_end int,
  unsupported_because text,
  defaulted text[] not null default '{}',
  merged_into text,
  is_simulated boolean not null default false,
  created_at timestamptz not null default now(),
  primary key (account_id, id),
  foreign key (account_id, run_id) references runs on delete cascade,
  foreign key (account_id, client_id) references clients,
  foreign key (account_id, source_id) references sources on delete cascade,
  foreign key (account_id, step_run_id) references step_runs on delete set null (step_run_id),
  check ((source_id is null) = (unsupported_because is not null)),
  check (claim_type in ('SIGNAL', 'CONTACT', 'ENTITY', 'RELATIONSHIP', 'OPPORTUNITY', 'METRIC', 'ATTRIBUTE', 'NOTE')),
  check (source_tier in ('GOV', 'PRIMARY', 'NEWS', 'OTHER')),
  check (confidence in ('HIGH', 'MEDIUM', 'LOW'))
);
create unique index claims_once on claims (account_id, run_id, claim_id);
create index claims_recent on claims (account_id, seq desc);
create index claims_source on claims (account_id, source_id) where source_id is not null;
create table rejected_claims (         -- entries of an extraction that are no claims, and patches that were refused
  account_id uuid not null,
  id uuid not null,
  run_id uuid not null,
  step_run_id uuid,
  kind text not null,                  -- claim patch route anchor
  position int not null,
  reason text not null,
  given jsonb,
  unknown_ids text[] not null default '{}',
  created_at timestamptz not null default now(),
  primary key (account_id, id),
  foreign key (account_id, run_id) references runs on delete cascade
);
create index rejected_claims_run on rejected_claims (account_id, run_id);
create table merged_claims (
  account_id uuid not null,
  id uuid not null,
  run_id uuid not null,
  client_id uuid,
  merged_claim_id text not null,
  claim_type text not null,
  statement text not null,
  entities text[] not null default '{}',
  date_in_claim date,
  original_claim_ids text[] not null,
  sources jsonb not null,              -- url, name, tier, original_claim_id, quote, source_id, start, end
  confidence text not null,
  reconciliation_type text not null,   -- DUPLICATE CONFLICT TIMELINE PASS_THROUGH
  conflicts_with text[] not null default '{}',
  supersedes text[] not null default '{}',
  notes text[] not null default '{}',
  invalid_because text,
  is_supported boolean not null,
  created_at timestamptz not null default now(),
  primary key (account_id, id),
  foreign key (account_id, run_id) references runs on delete cascade,
  foreign key (account_id, client_id) references clients
);
create unique index merged_claims_once on merged_claims (account_id, run_id, merged_claim_id);
create table resolved_objects (
  account_id uuid not null,
  run_id uuid not null,
  object_id text not null,             -- CONFLICT_001
  kind text not null,                  -- CONTACT TIMELINE CONFLICT AMBIGUOUS
  label text not null,
  evidence_claim_ids text[] not null,
  confidence text not null,
  resolution text not null,
  reason text not null default '',
  preferred_claim_id text,
  needs_review boolean not null default false,
  timeline jsonb not null default '[]',
  primary key (account_id, run_id, object_id),
  foreign key (account_id, run_id) references runs on delete cascade
);
create table merge_stats (
  account_id uuid not null,
  run_id uuid not null,
  stats jsonb not null,
  at timestamptz not null default now(),
  primary key (account_id, run_id),
  foreign key (account_id, run_id) references runs on delete cascade
);
create table claim_assignments (       -- which merged claims a section is written from
  account_id uuid not null,
  run_id uuid not null,
  section_key text not null,
  merged_claim_id text not null,
  is_default boolean not null default false, -- placed by its type, because the plan forgot it
  primary key (account_id, run_id, section_key, merged_claim_id),
  foreign key (account_id, run_id) references runs on delete cascade,
  foreign key (account_id, run_id, merged_claim_id) references merged_claims (account_id, run_id, merged_claim_id)
    on delete cascade
);
create table section_routes (
  account_id uuid not null,
  run_id uuid not null,
  section_key text not null,
  resolved_object_ids text[] not null default '{}',
  coverage_notes text not null default '',
  primary key (account_id, run_id, section_key),
  foreign key (account_id, run_id) references runs on delete cascade
);
create table unmapped_claims (         -- left out of every section on purpose
  account_id uuid not null,
  run_id uuid not null,
  merged_claim_id text not null,
  reason text not null,
  primary key (account_id, run_id, merged_claim_id),
  foreign key (account_id, run_id, merged_claim_id) references merged_claims (account_id, run_id, merged_claim_id)
    on delete cascade
);
create table context_packs (
  account_id uuid not null,
  id uuid not null,
  run_id uuid not null,
  client_id uuid,
  step_run_id uuid,
  consumer text not null,              -- for_entity for_contacts for_writers
  content jsonb not null,
  do_not_repeat text[] not null default '{}',
  anchor_claim_ids text[] not null default '{}',
  estimated_tokens int not null default 0,
  created_at timestamptz not null default now(),
  primary key (account_id, id),
  foreign key (account_id, run_id) references runs on delete cascade,
  foreign key (account_id, step_run_id) references step_runs on delete set null (step_run_id),
  check (consumer in ('for_entity', 'for_contacts', 'for_writers'))
);
create unique index context_packs_once on context_packs (account_id, run_id, consumer);
create table dossiers (
  account_id uuid not null,
  id uuid not null,
  client_id uuid not null,
  run_id uuid not null,
  company_name text,
  domain text,
  state text not null default 'skeleton', -- skeleton enriching ready archived superseded
  score jsonb,                         -- total, parts with points, reasons and claims, urgency, urgency_reason, problems
  primary_signal text,
  media jsonb not null default '{}',
  release_after_hours float8 not null default 0 check (release_after_hours >= 0),
  ready_at timestamptz,
  release_at timestamptz,
  is_simulated boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (account_id, id),
  foreign key (account_id, client_id) references clients,
  foreign key (account_id, run_id) references runs on delete cascade,
  check (state in ('skeleton', 'enriching', 'ready', 'archived', 'superseded'))
);
create unique index dossiers_run on dossiers (account_id, run_id);
create index dossiers_recent on dossiers (account_id, created_at desc);
create table dossier_sections (
  account_id uuid not null,
  id uuid not null,
  dossier_id uuid not null,
  run_id uuid not null,
  step_run_id uuid,
  section_key text not null,
  content jsonb not null,
  sentences jsonb not null default '[]', -- path, text, claim_ids, status, problem
  problems text[] not null default '{}',
  claim_ids text[] not null default '{}',
  sources jsonb not null default '[]', -- url, name, tier, used_in, claim_ids
  is_complete boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (account_id, id),
  foreign key (account_id, dossier_id) references dossiers on delete cascade,
  foreign key (account_id, step_run_id) references step_runs on delete set null (step_run_id)
);
create unique index dossier_sections_once on dossier_sections (account_id, dossier_id, section_key);
create table contacts (
  account_id uuid not null,
  id uuid not null,
  run_id uuid not null,
  dossier_id uuid,
  contact_index int not null,          -- its place in the list it was found in; replies are matched by it
  first_name text not null default '',
  last_name text not null default '',
  email text,
  phone text,
  title text,
  organization text,
  linkedin_url text,
  bio text,
  tenure text,
  why_they_matter text,
  relation_to_signal text,
  interesting_facts text[] not null default '{}',
  email_copy jsonb,
  linkedin_copy text,
  client_email_copy jsonb,
  client_linkedin_copy text,
  is_primary boolean not null default false,
  is_verified boolean not null default false,
  confidence text not null default 'MEDIUM',
  source text not null default 'research', -- apollo linkedin research manual
  problems text[] not null default '{}',
  error text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (account_id, id),
  foreign key (account_id, run_id) references runs on delete cascade,
  foreign key (account_id, dossier_id) references dossiers on delete cascade
);
create unique index contacts_index on contacts (account_id, run_id, contact_index);
create unique index contacts_primary on contacts (account_id, run_id) where is_primary;
create table research_clients (        -- what research knows of a client besides its name
  account_id uuid not null,
  client_id uuid not null,
  state text not null default 'onboarding', -- onboarding active
  excluded text[] not null default '{}',
  do_not_call text[] not null default '{}',
  updated_at timestamptz not null default now(),
  primary key (account_id, client_id),
  foreign key (account_id, client_id) references clients
);
create table client_configs (          -- every version of each configuration; the newest counts
  account_id uuid not null,
  client_id uuid not null,
  kind text not null,                  -- icp_config industry_research research_context seed batch_strategy
  version int not null,
  original jsonb not null,
  refined jsonb,                       -- the shorter form the pipeline reads
  created_by uuid,
  created_at timestamptz not null default now(),
  primary key (account_id, client_id, kind, version),
  foreign key (account_id, client_id) references clients
);
create table onboardings (
  account_id uuid not null,
  id uuid not null,
  client_id uuid not null,
  state text not null default 'intake', -- intake consolidated configured refined
  intake jsonb not null,
  materials jsonb not null default '[]',
  consolidated jsonb,
  generated jsonb not null default '{}',
  refined jsonb not null default '{}',
  run_id uuid,
  created_by uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (account_id, id),
  foreign key (account_id, client_id) references clients,
  foreign key (account_id, run_id) references runs on delete set null (run_id)
);
create index onboardings_recent on onboardings (account_id, client_id, created_at desc);

do $$ declare each text; begin
  foreach each in array array['sources', 'claims', 'rejected_claims', 'merged_claims', 'resolved_objects', 'merge_stats',
    'claim_assignments', 'section_routes', 'unmapped_claims', 'context_packs', 'dossiers', 'dossier_sections', 'contacts',
    'research_clients', 'client_configs', 'onboardings']
  loop
    execute format('alter table %I enable row level security', each);
    execute format('alter table %I force row level security', each);
    execute format('create policy own_account on %I for all
      using (account_id = (select nullif(current_setting(''app.account_id'', true), '''')::uuid))
      with check (account_id = (select nullif(current_setting(''app.account_id'', true), '''')::uuid))', each);
    execute format('grant select, insert, update, delete on %I to spadework_app', each);
  end loop;
end $$;
