-- The seed's tables, as read-only views with its names, columns and states; `v2_prompts` and `v2_prompt_versions`
-- stand with the prompts.
create view v2_clients with (security_invoker = true) as
  select c.account_id, c.id, c.id as client_id, c.name as client_name, c.domain,
    coalesce(r.state, 'onboarding') as status,
    (select coalesce(k.refined, k.original) from client_configs k where k.account_id = c.account_id
      and k.client_id = c.id and k.kind = 'icp_config' order by k.version desc limit 1) as icp_config,
    (select coalesce(k.refined, k.original) from client_configs k where k.account_id = c.account_id
      and k.client_id = c.id and k.kind = 'industry_research' order by k.version desc limit 1) as industry_research,
    (select coalesce(k.refined, k.original) from client_configs k where k.account_id = c.account_id
      and k.client_id = c.id and k.kind = 'research_context' order by k.version desc limit 1) as research_context,
    (select coalesce(k.refined, k.original) from client_configs k where k.account_id = c.account_id
      and k.client_id = c.id and k.kind = 'seed' order by k.version desc limit 1) as seed,
    c.created_at, coalesce(r.updated_at, c.created_at) as updated_at
  from clients c left join research_clients r on r.account_id = c.account_id and r.client_id = c.id
  where c.archived_at is null;
create view v2_pipeline_runs with (security_invoker = true) as
  select r.account_id, r.id, r.id as run_id, r.client_id, r.input -> 'seed' as seed,
    case r.state when 'queued' then 'pending' when 'succeeded' then 'completed' when 'failed' then 'failed'
      when 'stopped' then 'cancelled' else 'running' end as status,
    r.progress ->> 'current_step' as current_step, (r.progress ->> 'done')::int as steps_completed,
    (r.progress ->> 'total')::int as total_steps, r.input as config, r.error ->> 'message' as error_message,
    r.created_at, r.started_at, r.finished_at as completed_at
  from runs r where r.kind = 'research_pipeline';
create view v2_step_runs with (security_invoker = true) as
  select s.account_id, s.id, s.run_id, s.key as step, s.step as step_id, s.label as step_name, s.no as step_order,
    s.contact_index, s.prompt_key as prompt_id, s.prompt_version,
    case s.state when 'queued' then 'pending' when 'succeeded' then 'completed' when 'skipped' then 'skipped'
      when 'running' then 'running' when 'waiting' then 'running' else 'failed' end as status,
    s.input_variables, s.lineage, s.interpolated_prompt, s.raw_output, s.parsed_output, s.model,
    s.input_tokens as tokens_in, s.output_tokens as tokens_out, s.cost_micro_usd,
    (extract(epoch from s.finished_at - s.started_at) * 1000)::int as duration_ms, s.attempts,
    s.error ->> 'message' as error_message, s.created_at, s.started_at, s.finished_at as completed_at
  from step_runs s join runs r on r.account_id = s.account_id and r.id = s.run_id
  where r.kind = 'research_pipeline' and s.step is not null;
create view v2_claims with (security_invoker = true) as
  select account_id, id, run_id, step_run_id, claim_id, claim_type, statement, entities, date_in_claim, source_url,
    source_name, source_tier, confidence, source_step, merged_into is not null as is_merged, merged_into, quote,
    source_id, quote_start, quote_end, source_id is not null as is_supported, unsupported_because, created_at
  from claims;
create view v2_merged_claims with (security_invoker = true) as
  select account_id, id, run_id, merged_claim_id, claim_type, statement, entities, date_in_claim, original_claim_ids,
    sources, confidence, reconciliation_type, conflicts_with as conflicts_resolved, supersedes, notes, invalid_because,
    is_supported, created_at
  from merged_claims;
create view v2_context_packs with (security_invoker = true) as
  select account_id, id, run_id, step_run_id, consumer as pack_type, content as pack_data, do_not_repeat,
    anchor_claim_ids, estimated_tokens, created_at
  from context_packs;
create view v2_dossiers with (security_invoker = true) as
  select d.account_id, d.id, d.id as dossier_id, d.client_id, d.run_id, d.company_name, d.domain,
    (d.score ->> 'total')::int as lead_score, d.score ->> 'urgency' as timing_urgency, d.primary_signal,
    d.state as status, array(select s.section_key from dossier_sections s where s.account_id = d.account_id
      and s.dossier_id = d.id and s.is_complete order by s.section_key) as sections_completed,
    case when d.release_at <= now() then d.release_at end as released_at, d.is_simulated, d.created_at, d.updated_at
  from dossiers d;
create view v2_dossier_sections with (security_invoker = true) as
  select account_id, id, dossier_id, run_id, step_run_id, section_key, content, sentences, sources, claim_ids,
    is_complete, created_at, updated_at
  from dossier_sections;
create view v2_contacts with (security_invoker = true) as
  select account_id, id, run_id, dossier_id, contact_index, first_name, last_name, email, phone, title, organization,
    linkedin_url, bio, tenure, why_they_matter, relation_to_signal, interesting_facts, email_copy, linkedin_copy,
    client_email_copy, client_linkedin_copy, is_primary, is_verified, confidence, source, created_at, updated_at
  from contacts;
grant select on v2_clients, v2_pipeline_runs, v2_step_runs, v2_claims, v2_merged_claims, v2_context_packs, v2_dossiers,
  v2_dossier_sections, v2_contacts to spadework_app;
