-- A call's end is written where its intent stands: no index mentions the state, so Postgres keeps the new
-- version on the same page (HOT) and touches no index, which halves what a paid call costs the database.
drop index calls_question, calls_open;
create index calls_question on calls (account_id, question_sha256);
create index calls_worker on calls (account_id, worker_id);
alter table calls add column needs_decision boolean not null default false;   -- the state is unknown
update calls set needs_decision = true where state = 'unknown';
create index calls_to_decide on calls (account_id, intent_at) where needs_decision;
alter table calls set (fillfactor = 45);
