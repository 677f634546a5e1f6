-- Imports: which parts of a file are in, and inserting straight into the partition that holds a table.
create table import_parts (            -- a part is here exactly when its rows are: both are one transaction
  account_id uuid not null,
  run_id uuid not null,
  part int not null,
  imported bigint not null,
  updated bigint not null,
  rejected bigint not null,
  primary key (account_id, run_id, part),
  foreign key (account_id, run_id) references runs on delete cascade
);
alter table import_parts enable row level security;
alter table import_parts force row level security;
create policy own_account on import_parts for all
  using (account_id = (select nullif(current_setting('app.account_id', true), '')::uuid))
  with check (account_id = (select nullif(current_setting('app.account_id', true), '')::uuid));
grant select, insert, update, delete on import_parts to spadework_app;

-- Inserting through the parent forms each row of 205 columns twice (measured: 3.6 against 2.2 microseconds). The
-- partitions carry the same forced policy as the parent, so nothing more can be written than through it; reading,
-- changing and deleting stay with the parent.
do $$ begin
  for n in 0..15 loop
    execute format('grant insert on rows_%s to spadework_app', n);
  end loop;
end $$;
