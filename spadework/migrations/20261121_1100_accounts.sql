-- Sign-in failures are counted by address and place before any account is known, and for addresses that nobody
-- has too, so that a throttled reply tells nothing. The address is kept as a keyed fingerprint.
drop table sign_in_failures;
create table sign_in_attempts (        -- not tenant data: no account is known yet
  subject bytea not null,              -- keyed fingerprint of the e-mail address
  place text not null,                 -- network or known device
  at timestamptz not null default clock_timestamp()
);
create index sign_in_attempts_recent on sign_in_attempts (subject, at);
create index sign_in_attempts_at on sign_in_attempts (at);
grant select, insert, delete on sign_in_attempts to spadework_app;

create index idempotency_keys_age on idempotency_keys (account_id, created_at);
