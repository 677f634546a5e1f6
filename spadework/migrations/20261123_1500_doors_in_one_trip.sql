-- A door answers with all that a request must know about its caller, so that finding out is one trip and not three.
drop function find_session(bytea);
drop function find_api_key(text);
grant create on schema public to spadework_door;
create function find_session(token bytea)
  returns table (account_id uuid, id uuid, user_id uuid, role text, name text, idle interval)
  language sql stable security definer set search_path = public, pg_temp as $$
  select s.account_id, s.id, s.user_id, u.role, u.name, now() - s.last_seen_at
  from sessions s join users u on u.account_id = s.account_id and u.id = s.user_id
  where s.token_sha256 = token and s.revoked_at is null and s.expires_at > now() and u.disabled_at is null $$;
create function find_api_key(wanted text)
  returns table (account_id uuid, id uuid, user_id uuid, role text, name text, secret_sha256 bytea, scopes text[],
    unused interval)
  language sql stable security definer set search_path = public, pg_temp as $$
  select k.account_id, k.id, k.user_id, u.role, u.name, k.secret_sha256, k.scopes, now() - k.last_used_at
  from api_keys k join users u on u.account_id = k.account_id and u.id = k.user_id
  where k.public_id = wanted and k.revoked_at is null and k.expires_at > now() and u.disabled_at is null $$;
do $$ declare each text; begin
  foreach each in array array['find_session(bytea)', 'find_api_key(text)']
  loop
    execute format('revoke all on function %s from public', each);
    execute format('alter function %s owner to spadework_door', each);
    execute format('grant execute on function %s to spadework_app', each);
  end loop;
end $$;
revoke create on schema public from spadework_door;
