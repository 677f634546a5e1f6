// A stand-in server for work on the UI: the contract's addresses over invented data, in memory, with live updates.
// `node mock/server.mjs [--port 8765] [--empty] [--static ../spadework/web/static] [--slow]`
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { parseArgs } from "node:util";
import { WebSocketServer } from "ws";
import { ceTable, columns, company, EMPTY, filters, llms, minutesAgo, providers, random, uuid } from "./invented.mjs";

const { values: flags } = parseArgs({ options: { port: { type: "string", default: "8765" }, empty: { type: "boolean" }, static: { type: "string" }, slow: { type: "boolean" } } });
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".json": "application/json" };

let nextId = 100_000;
const newId = () => uuid(nextId++);
const now = () => new Date().toISOString();
const page = (data) => ({ data, next_cursor: null });
class Refusal extends Error {
  constructor(status, code, message, details = {}) {
    super(message);
    Object.assign(this, { status, code, details });
  }
}
const missing = (what) => new Refusal(404, "not_found", `There is no such ${what} in this account.`);

// State

const PERMISSIONS = ["*"];
const session = { user: { id: uuid(1), email: "ana@example.com", name: "Ana Ruiz", role: "owner" }, account: { id: uuid(2), name: "Example Agency", is_training: true, settings: {} }, permissions: PERMISSIONS, version: "0.1.0" };
let isSignedIn = false;
const budget = (scope, scope_id, name, limit, spent, reserved = 0) => ({ id: newId(), scope, scope_id, name, limit_micro_usd: limit, spent_micro_usd: spent, reserved_micro_usd: reserved });

const clients = EMPTY ? [] : [
  { id: uuid(10), name: "Northwind Logistics", domain: "northwind.example.com", llm: null, model: null, workbook_count: 4, spent_micro_usd: 18_420_000, budget: null, created_at: minutesAgo(60 * 24 * 40) },
  { id: uuid(11), name: "Harbor & Finch", domain: "harborfinch.example.com", llm: null, model: null, workbook_count: 0, spent_micro_usd: 0, budget: null, created_at: minutesAgo(60 * 24 * 12) },
  { id: uuid(12), name: "Contoso Instruments, a very long client name that has to be cut somewhere", domain: null, llm: null, model: null, workbook_count: 0, spent_micro_usd: 4200, budget: null, created_at: minutesAgo(60 * 5) },
];
const budgets = EMPTY ? [] : [budget("account", uuid(2), "Example Agency", 100_000_000, 18_424_200, 340_000), budget("client", uuid(10), "Northwind Logistics", 25_000_000, 18_420_000, 340_000), budget("table", uuid(31), "Companies", 5_000_000, 4_960_000)];
if (!EMPTY) clients[0].budget = budgets[1];

const brief = (n, name, kind, rows, fields, status, progress = null) => ({ id: uuid(n), name, kind, row_count: rows, field_count: fields, status, progress });
const workbooks = EMPTY ? [] : [
  { id: uuid(20), client_id: uuid(10), name: "California technology, Q1", is_training: true, created_at: minutesAgo(42), updated_at: minutesAgo(1), spent_micro_usd: 0, tables: [brief(30, "Companies", "ce", 138, 11, "running", { done: 212, total: 414 }), brief(34, "Key people", "table", 402, 6, "complete"), brief(35, "Meeting bookers", "table", 0, 4, "pending")] },
  { id: uuid(21), client_id: uuid(10), name: "Freight brokers with open roles", is_training: false, created_at: minutesAgo(60 * 24 * 9), updated_at: minutesAgo(60 * 20), spent_micro_usd: 12_310_000, tables: [brief(31, "Companies", "ce", 2480, 18, "complete"), brief(36, "Contacts", "table", 6120, 9, "failed", { done: 6011, total: 6120 })] },
  { id: uuid(22), client_id: uuid(10), name: "Holiday campaign", is_training: false, created_at: minutesAgo(60 * 24 * 21), updated_at: minutesAgo(60 * 24 * 19), spent_micro_usd: 6_110_000, tables: [brief(32, "Companies", "ce", 912, 14, "complete")] },
  { id: uuid(23), client_id: uuid(10), name: "Enterprise list from the autumn conference, deduplicated and merged with last year’s", is_training: false, created_at: minutesAgo(60 * 24 * 33), updated_at: minutesAgo(60 * 24 * 30), spent_micro_usd: 0, tables: [brief(33, "Companies", "ce", 84_210, 22, "pending")] },
];
const tables = new Map();
for (const workbook of workbooks) for (const each of workbook.tables) tables.set(each.id, { ...ceTable(each.id, workbook, Math.min(each.row_count, 2500)), name: each.name, kind: each.kind });

const runs = [];
const steps = new Map();
const plans = new Map();
const credentials = EMPTY ? [] : [{ kind: "provider", name: "hunter", last_four: "9f3c", fingerprint: "a41d77e0", base_url: null, features: null, usd_per_credit: 0.034, updated_at: minutesAgo(60 * 24 * 6) }];
const apiKeys = EMPTY ? [] : [{ id: newId(), name: "Nightly export", scopes: ["workbooks.read", "runs.start"], prefix: "sw_4kQ2", created_at: minutesAgo(60 * 24 * 14), expires_at: minutesAgo(-60 * 24 * 76), last_used_at: minutesAgo(60 * 7) }];
const users = [{ id: uuid(1), email: "ana@example.com", name: "Ana Ruiz", role: "owner", is_disabled: false, created_at: minutesAgo(60 * 24 * 41) }];
if (!EMPTY) users.push({ id: uuid(3), email: "ben@example.com", name: "Ben Okafor", role: "editor", is_disabled: false, created_at: minutesAgo(60 * 24 * 30) }, { id: uuid(4), email: "carla@example.com", name: "Carla Nyström", role: "viewer", is_disabled: true, created_at: minutesAgo(60 * 24 * 30) });
const unknown = EMPTY ? [] : [{ call_id: newId(), provider: "hunter", capability: "find_email", reserved_micro_usd: 34_000, intent_at: minutesAgo(64), table_id: uuid(31), row_id: "412", field_id: null }, { call_id: newId(), provider: "apollo", capability: "enrich_company", reserved_micro_usd: 20_000, intent_at: minutesAgo(61), table_id: uuid(31), row_id: "1733", field_id: null }];

function makeRun(kind, title, state, more = {}) {
  const { total = 0, done = 0, by_state = {}, fields = {}, cost = 0, ...rest } = more;
  const ended = ["succeeded", "failed", "stopped"].includes(state);
  const run = {
    id: newId(), kind, title, state, progress: { total, done, by_state, fields, rate_per_second: state === "running" ? 11.4 : null, cost_micro_usd: cost },
    subject: {}, is_simulated: false, cost_micro_usd: cost, error: null, created_at: minutesAgo(3), started_at: minutesAgo(3), finished_at: ended ? minutesAgo(1) : null, client_id: uuid(10), created_by_name: "Ana Ruiz", ...rest,
  };
  runs.unshift(run);
  return run;
}

const PROMPT = "You qualify companies for a freight broker.\n\nCompany: Alder Analytics\nDomain: alder-analytics.example.com\nEmployees: 480\n\nSay whether the company ships physical goods, with a score from 1 to 10 and your reasoning in one sentence.";
function aStep(no, label, state, more = {}) {
  return {
    id: newId(), no, key: label.toLowerCase().replaceAll(" ", "_"), label, state, input_variables: { Company: "Alder Analytics", Domain: "alder-analytics.example.com", Employees: 480 }, lineage: { Company: "column Company, imported", Domain: "column Domain, directory", Employees: "column Employees, directory" },
    interpolated_prompt: null, raw_output: null, parsed_output: null, model: null, input_tokens: null, output_tokens: null, cost_micro_usd: 0, attempts: 1, error: null, started_at: minutesAgo(2), finished_at: state === "running" ? null : minutesAgo(1.9), duration_ms: state === "running" ? null : 1840, ...more,
  };
}

if (!EMPTY) {
  const old = (m) => ({ created_at: minutesAgo(m), started_at: minutesAgo(m), finished_at: minutesAgo(m - 4) });
  makeRun("import_csv", "Import autumn-conference.csv into Companies", "succeeded", { total: 84_210, done: 84_198, by_state: { done: 84_198, invalid: 12 }, subject: { table_id: uuid(33), workbook_id: uuid(23) }, ...old(60 * 24 * 33) });
  makeRun("fill_columns", "Holiday campaign: 3 columns", "succeeded", { total: 2736, done: 2736, by_state: { done: 2401, no_data: 335 }, cost: 6_110_000, subject: { table_id: uuid(32), workbook_id: uuid(22) }, ...old(60 * 24 * 19) });
  makeRun("fill_columns", "Freight brokers: contact e-mail", "failed", { total: 6120, done: 6011, by_state: { done: 5210, no_data: 690, failed: 109, unknown: 2 }, cost: 12_310_000, error: { message: "Hunter answered 503 for ten minutes, so the last 109 cells were given up. What was found is kept; retry the failed cells." }, subject: { table_id: uuid(36), workbook_id: uuid(21) }, created_by_name: "Ben Okafor", ...old(60 * 20) });
  makeRun("fill_columns", "Freight brokers: contact e-mail, first 10", "stopped", { total: 10, done: 4, by_state: { done: 4, cancelled: 6 }, cost: 136_000, subject: { table_id: uuid(36), workbook_id: uuid(21) }, created_by_name: "Ben Okafor", ...old(60 * 21) });
  const applied = makeRun("apply_plan", "Begin California technology, Q1", "succeeded", { total: 8, done: 8, by_state: { done: 8 }, is_simulated: true, subject: { workbook_id: uuid(20), table_id: uuid(30) }, ...old(42) });
  steps.set(applied.id, [
    aStep(1, "Create workbook", "succeeded", { input_variables: { name: "California technology, Q1" }, parsed_output: { workbook_id: uuid(20) }, lineage: { name: "the plan, step 1" } }),
    aStep(2, "Find companies", "succeeded", { input_variables: { industries: ["Software", "Semiconductors", "Internet"], locations: ["California"], limit: 500 }, parsed_output: { rows: 138, skipped: 0 }, lineage: { industries: "the plan, step 2" } }),
    aStep(3, "Qualify: Alder Analytics", "succeeded", { interpolated_prompt: PROMPT, raw_output: '{"qualified": false, "score": 3, "reasoning": "It sells software and ships nothing."}', parsed_output: { qualified: false, score: 3, reasoning: "It sells software and ships nothing." }, model: "scripted", input_tokens: 412, output_tokens: 38, cost_micro_usd: 602 }),
    aStep(4, "Work e-mail", "failed", { attempts: 3, error: { message: "The simulator answered 500 three times." }, parsed_output: null }),
  ]);
  const live = makeRun("fill_columns", "California technology, Q1: Work e-mail, ICP score", "running", { total: 414, done: 212, by_state: { done: 171, no_data: 24, failed: 3, missing_input: 14, running: 12, queued: 190 }, is_simulated: true, subject: { workbook_id: uuid(20), table_id: uuid(30) } });
  const t = tables.get(uuid(30));
  live.subject.field_ids = t.fields.filter((f) => f.is_computed).map((f) => f.id);
  t.fields.filter((f) => f.is_computed).forEach((f, i) => {
    live.progress.fields[f.id] = { name: f.name, total: 138, done: [58, 138, 16][i] ?? 0, by_state: [{ done: 40, no_data: 11, failed: 3, missing_input: 4 }, { done: 138 }, { done: 16 }][i] ?? {} };
  });
  t.active_runs = [live];
  steps.set(live.id, [aStep(1, "Rows 1 to 138: ICP score", "succeeded", { input_variables: { columns: ["Industry", "Employees", "City"] }, parsed_output: { done: 138 } }), aStep(2, "Rows 1 to 138: Work e-mail", "running", { parsed_output: null })]);
}

const money = (step) => ({ order: step.order, rows: step.rows ?? 0, expected_micro_usd: step.expected ?? 0, worst_micro_usd: step.worst ?? 0, unit_micro_usd: step.unit ?? 0, note: step.note ?? null });
function matching(f) {
  const wide = (list) => (list?.length ? list.length : 8);
  return Math.max(0, Math.round(1837 * (f.industries?.length ? wide(f.industries) / 30 : 1) * (f.locations?.length ? Math.min(1, wide(f.locations) / 12) : 1) * (f.sizes?.length ? wide(f.sizes) / 8 : 1) * (f.revenue_min_usd ? 0.5 : 1) * (f.keywords?.includes("nothing") ? 0 : 1)));
}
function makePlan(client_id, a) {
  const isSource = a.lead_source === "find_companies";
  const rows = isSource ? Math.min(a.source.filters?.limit ?? 100, matching(a.source.filters ?? {})) : a.lead_source === "csv" ? 3 : 0;
  const list = [
    { order: 1, type: "create_workbook", description: `Create the workbook “${a.workbook_name}”`, dependsOn: [], config: { name: a.workbook_name, isTraining: session.account.is_training } },
    { order: 2, type: "create_table", description: "Create its CE table “Companies”", dependsOn: [1], config: { name: "Companies" } },
    { order: 3, type: "add_source", description: isSource ? `Find ${rows} companies in the bundled directory` : "Read the uploaded file", dependsOn: [2], config: { sourceType: a.lead_source, ...a.source }, rows },
  ];
  const blockers = [];
  for (const column of a.columns ?? []) {
    const order = list.length + 1;
    const unit = session.account.is_training ? 0 : { ai: 602, waterfall: 26_000, enrichment: 20_000, formula: 0, rubric: 0 }[column.kind];
    const worst = column.kind === "waterfall" ? unit * 2 : unit;
    list.push({ order, type: "add_column", description: `Add the ${column.kind} column “${column.name}”`, dependsOn: [3], config: column, rows, unit, expected: unit * rows, worst: worst * rows, note: column.kind === "waterfall" ? "Two of three sources are asked on average" : null });
    if (column.kind === "ai") blockers.push({ order, message: `“${column.name}” needs a language model. Connect one in Settings › Language models, or remove the column.` });
  }
  if (a.columns?.length) list.push({ order: list.length + 1, type: "run_enrichment", description: `Run ${a.columns.length} columns on ${rows} rows`, dependsOn: list.slice(3).map((s) => s.order), config: { columns: a.columns.map((c) => c.name), runAll: true }, rows });
  const estimates = list.map(money);
  const sum = (key) => estimates.reduce((total, each) => total + each[key], 0);
  const plan = {
    id: newId(), client_id, name: a.workbook_name, state: "draft", hash: Math.floor(random() * 1e16).toString(16).padStart(16, "0"),
    document: { tableName: a.workbook_name, estimatedCredits: rows, estimatedRows: rows, description: isSource ? `${rows} companies from the directory, with ${a.columns?.length ?? 0} computed columns.` : "Rows from a file.", steps: list.map(({ order, type, description, dependsOn, config }) => ({ order, type, description, dependsOn, estimatedCredits: 0, config })), warnings: [], recommendations: rows > 50 ? ["Run the first 10 rows before all: a wrong prompt then costs a tenth."] : [] },
    estimate: { rows, expected_micro_usd: sum("expected_micro_usd"), worst_micro_usd: sum("worst_micro_usd"), steps: estimates }, blockers, warnings: rows < (a.source?.filters?.limit ?? 0) ? [`The filters match ${rows} companies, fewer than the limit of ${a.source.filters.limit}.`] : [], workbook_id: null, run_id: null, created_at: now(),
  };
  plans.set(plan.id, plan);
  return plan;
}

// Live

const sockets = new Set();
function publish(topic, ...events) {
  for (const socket of sockets) if (socket.topics.has(topic)) socket.send(JSON.stringify({ topic, events }));
}
function announce(run) {
  publish("runs", { type: "run", ...run });
  publish(`run:${run.id}`, { type: "run", ...run });
  if (run.subject.table_id) publish(`table:${run.subject.table_id}`, { type: "run", ...run });
}
setInterval(() => {
  for (const run of runs) {
    if (run.state === "stopping") {
      Object.assign(run, { state: "stopped", finished_at: now() });
      announce(run);
    }
    if (run.state !== "running") continue;
    const p = run.progress;
    const by = Math.min(run.kind === "apply_plan" ? 1 : 3, p.total - p.done);
    p.done += by;
    p.by_state.done = (p.by_state.done ?? 0) + by;
    if (p.by_state.queued) p.by_state.queued = Math.max(0, p.by_state.queued - by);
    const open = Object.values(p.fields).find((f) => f.done < f.total);
    if (open) {
      open.done = Math.min(open.total, open.done + by);
      open.by_state.done = (open.by_state.done ?? 0) + by;
    }
    const table = tables.get(run.subject.table_id);
    if (table) liveCells(run, table);
    if (p.done >= p.total) finish(run);
    announce(run);
  }
}, 400);

function liveCells(run, table) {
  const mail = table.fields.find((f) => f.kind === "waterfall");
  const row = table.records.find((each) => each.cells[mail?.no]?.state === "queued");
  if (!row) return;
  const c = company(Number(row.row_id) - 1);
  const value = `hello@${c.domain.replace(".example.com", "")}.example`;
  row.values[mail.no] = value;
  row.cells[mail.no] = { state: "done", marks: 1 };
  publish(`table:${table.id}`, { type: "cells", run_id: run.id, cells: [[row.row_id, mail.no, "done", value, 1, null]], at: now() });
}

function finish(run) {
  Object.assign(run, { state: "succeeded", finished_at: now() });
  run.progress.rate_per_second = null;
  const plan = plans.get(run.subject.plan_id);
  if (plan) plan.state = "applied";
  publish("workbooks", { type: "workbook", id: run.subject.workbook_id });
  publish("spend", { type: "spend" });
}

// Addresses

const day = (n) => new Date(Date.now() - n * 86_400_000).toISOString().slice(0, 10);
const spend = (client) => ({
  settled_micro_usd: EMPTY ? 0 : 18_424_200, reserved_micro_usd: EMPTY ? 0 : 54_000,
  by_provider: EMPTY ? [] : [
    { provider: "hunter", capability: "find_email", calls: 402, settled_micro_usd: 13_668_000, reserved_micro_usd: 34_000, is_simulated: false }, { provider: "apollo", capability: "enrich_company", calls: 212, settled_micro_usd: 4_240_000, reserved_micro_usd: 20_000, is_simulated: false },
    { provider: "anthropic", capability: "claude-haiku", calls: 912, settled_micro_usd: 516_200, reserved_micro_usd: 0, is_simulated: false }, { provider: "email_pattern", capability: "find_email", calls: 1804, settled_micro_usd: 0, reserved_micro_usd: 0, is_simulated: false }, { provider: "apollo", capability: "find_email", calls: 138, settled_micro_usd: 0, reserved_micro_usd: 0, is_simulated: true },
  ],
  by_day: EMPTY ? [] : Array.from({ length: 30 }, (_, i) => ({ day: day(29 - i), settled_micro_usd: [6, 13, 20, 27].includes(i % 28) ? 0 : Math.round(Math.abs(Math.sin(i * 1.7)) * 966_400 + (i === 17 ? 2_499_000 : 0)) })),
  by_client: client || EMPTY ? [] : [{ client_id: uuid(10), name: "Northwind Logistics", settled_micro_usd: 18_420_000 }, { client_id: uuid(12), name: "Contoso Instruments, a very long client name that has to be cut somewhere", settled_micro_usd: 4200 }],
  unknown,
});
const tableOut = ({ records: _records, ...rest }) => rest;
const find = (list, id, what) => list.find((each) => each.id === id) ?? (() => { throw missing(what); })();
const catalog = () => ({ providers: providers.map((p) => ({ ...p, has_key: credentials.some((c) => c.name === p.key) })), columns, llms: llms.map((l) => ({ ...l, has_key: credentials.some((c) => c.name === l.key) })), filters });

const routes = [
  ["GET", "/v3/session/bootstrap", ({ query }) => ({ is_valid: query.get("token") !== "used" })],
  ["POST", "/v3/session/bootstrap", ({ body }) => { isSignedIn = true; session.user = { ...session.user, email: body.email, name: body.name }; return session; }],
  ["GET", "/v3/session", () => { if (!isSignedIn) throw new Refusal(401, "sign_in_required", "Sign in to go on."); return session; }],
  ["POST", "/v3/session", ({ body }) => { if (!body.password || body.password === "wrong password") throw new Refusal(401, "sign_in_required", "The e-mail or the password is not right. Try again; after five tries there is a pause of a minute."); isSignedIn = true; return session; }],
  ["DELETE", "/v3/session", () => { isSignedIn = false; }],
  ["POST", "/v3/session/password", () => undefined],
  ["GET", "/v3/sessions", () => page([{ id: newId(), user_agent: "Chromium on Linux", address: "127.0.0.1", expires_at: minutesAgo(-60 * 24 * 7), created_at: minutesAgo(190), last_seen_at: now(), is_current: true }, { id: newId(), user_agent: "Firefox on macOS", address: "192.0.2.14", expires_at: minutesAgo(-60 * 24 * 3), created_at: minutesAgo(60 * 24 * 3), last_seen_at: minutesAgo(60 * 26), is_current: false }])],
  ["DELETE", "/v3/sessions/:id", () => undefined],
  ["GET", "/v3/api-keys", () => page(apiKeys)],
  ["POST", "/v3/api-keys", ({ body }) => { const key = { id: newId(), name: body.name, scopes: body.scopes, prefix: "sw_9dTn", created_at: now(), expires_at: minutesAgo(-1440 * (body.expires_in_days ?? 90)), last_used_at: null }; apiKeys.push(key); return { ...key, key: "sw_9dTn4mockmockmockmockmockmockmockmock" }; }],
  ["DELETE", "/v3/api-keys/:id", ({ params }) => { apiKeys.splice(apiKeys.findIndex((k) => k.id === params.id), 1); }],
  ["PATCH", "/v3/account", ({ body }) => Object.assign(session.account, body)],
  ["GET", "/v3/users", () => page(users)],
  ["POST", "/v3/users", ({ body }) => { const { password: _, ...user } = body; users.push({ id: newId(), is_disabled: false, created_at: now(), ...user }); return users.at(-1); }],
  ["PATCH", "/v3/users/:id", ({ params, body }) => Object.assign(find(users, params.id, "person"), body)],
  ["GET", "/v3/clients", () => page(clients)],
  ["POST", "/v3/clients", ({ body }) => { const client = { id: newId(), name: body.name, domain: body.domain ?? null, llm: body.llm ?? null, model: body.model ?? null, workbook_count: 0, spent_micro_usd: 0, budget: null, created_at: now() }; if (body.budget_micro_usd) budgets.push((client.budget = budget("client", client.id, client.name, body.budget_micro_usd, 0))); clients.push(client); return client; }],
  ["GET", "/v3/clients/:id", ({ params }) => find(clients, params.id, "client")],
  ["PATCH", "/v3/clients/:id", ({ params, body }) => Object.assign(find(clients, params.id, "client"), body)],
  ["DELETE", "/v3/clients/:id", ({ params }) => { clients.splice(clients.findIndex((c) => c.id === params.id), 1); }],
  ["GET", "/v3/workbooks", ({ query }) => { const text = (query.get("search") ?? "").toLowerCase(); return page(workbooks.filter((w) => w.client_id === query.get("client_id") && (w.name.toLowerCase().includes(text) || w.tables.some((t) => t.name.toLowerCase().includes(text))))); }],
  ["GET", "/v3/workbooks/:id", ({ params }) => find(workbooks, params.id, "workbook")],
  ["PATCH", "/v3/workbooks/:id", ({ params, body }) => { publish("workbooks", { type: "workbook", id: params.id }); return Object.assign(find(workbooks, params.id, "workbook"), body); }],
  ["DELETE", "/v3/workbooks/:id", ({ params }) => { workbooks.splice(workbooks.findIndex((w) => w.id === params.id), 1); }],
  ["POST", "/v3/workbooks/:id/stop", () => stopAll()],
  ["POST", "/v3/stop", () => stopAll()],
  ["GET", "/v3/tables/:id", ({ params }) => tableOut(tables.get(params.id) ?? (() => { throw missing("table"); })())],
  ["GET", "/v3/tables/:id/counts", ({ params }) => { const t = tables.get(params.id); const fields = {}; for (const f of t.fields.filter((each) => each.is_computed)) { fields[f.id] = {}; for (const r of t.records) { const s = r.cells[f.no]?.state ?? "empty"; fields[f.id][s] = (fields[f.id][s] ?? 0) + 1; } } return { fields }; }],
  ["GET", "/v3/tables/:id/views/:view/records", ({ params, query }) => { const t = tables.get(params.id); if (!t) throw missing("table"); const offset = Number(query.get("offset") ?? 0); const text = (query.get("search") ?? "").toLowerCase(); const all = text ? t.records.filter((r) => JSON.stringify(r.values).toLowerCase().includes(text)) : t.records; return { offset, total: all.length, version: t.version, rows: all.slice(offset, offset + Number(query.get("limit") ?? 200)) }; }],
  ["POST", "/v3/tables/:id/estimate", ({ params, body }) => { const t = tables.get(params.id); const rows = body.first_n ?? body.row_ids?.length ?? t.records.length; const list = body.field_ids.map((id) => { const f = find(t.fields, id, "column"); return { field_id: id, name: f.name, rows, price_micro_usd_per_row: 26_000, expected_micro_usd: 26_000 * rows, worst_micro_usd: 54_000 * rows, provider: "hunter", warnings: [] }; }); const sum = (k) => list.reduce((s, e) => s + e[k], 0); return { rows, fields: list, expected_micro_usd: sum("expected_micro_usd"), worst_micro_usd: sum("worst_micro_usd"), budgets: [{ scope: "client", left_micro_usd: 6_240_000, fits: true }], needs_confirmation: rows > 10, blockers: [] }; }],
  ["PATCH", "/v3/tables/:id/run", ({ params, body }) => { const t = tables.get(params.id); const rows = body.first_n ?? t.records.length; const run = makeRun("fill_columns", `${t.workbook_name}: ${body.field_ids.length} columns`, "running", { total: rows, by_state: { queued: rows }, subject: { table_id: t.id, workbook_id: t.workbook_id, field_ids: body.field_ids }, is_simulated: true, created_at: now(), started_at: now() }); announce(run); return run; }],
  ["POST", "/v3/tables/:id/stop", () => stopAll()],
  ["GET", "/v3/tables/:id/records/:row/cells/:field", ({ params }) => cellDetail(params)],
  ["POST", "/v3/imports/preview", ({ raw }) => ({ upload_id: newId(), encoding: "utf-8", delimiter: ",", columns: [{ name: "Company Name", samples: ["Alder Analytics", "Beacon Robotics", "Cobalt Works"], guess_kind: "text" }, { name: "Website", samples: ["https://alder-analytics.example.com", "beacon-robotics.example.com", ""], guess_kind: "url" }, { name: "Head count", samples: ["480", "1,200", "75"], guess_kind: "number" }, { name: "Contact", samples: ["ana@example.com", "", "ben@example.com"], guess_kind: "email" }], rows_seen: raw.length > 5000 ? 1240 : 3 })],
  ["GET", "/v3/catalog", catalog],
  ["POST", "/v3/plans/preview-count", ({ body }) => { const count = matching(body.filters); return { count, sample: Array.from({ length: Math.min(8, count) }, (_, i) => { const c = company(i * 3 + count); return { name: c.name, domain: c.domain, city: c.city, industry: c.industry }; }) }; }],
  ["POST", "/v3/plans", ({ body }) => makePlan(body.client_id, body.answers)],
  ["GET", "/v3/plans", ({ query }) => page([...plans.values()].filter((p) => p.client_id === query.get("client_id")).reverse())],
  ["GET", "/v3/plans/:id", ({ params }) => plans.get(params.id) ?? (() => { throw missing("plan"); })()],
  ["PATCH", "/v3/plans/:id", ({ params, body }) => { const plan = plans.get(params.id); if (!Array.isArray(body.document?.steps)) throw new Refusal(422, "invalid_input", "A plan needs a list `steps`. Nothing was changed."); return Object.assign(plan, { document: body.document, hash: `${plan.hash.slice(1)}f` }); }],
  ["POST", "/v3/plans/:id/reject", ({ params }) => Object.assign(plans.get(params.id), { state: "rejected" })],
  ["POST", "/v3/plans/:id/approve", ({ params, body }) => approve(plans.get(params.id), body)],
  ["GET", "/v3/runs", ({ query }) => page(runs.filter((r) => ["client_id", "state", "kind"].every((k) => !query.get(k) || r[k] === query.get(k)) && (!query.get("table_id") || r.subject.table_id === query.get("table_id"))))],
  ["GET", "/v3/runs/:id", ({ params }) => { const run = find(runs, params.id, "run"); return { ...run, steps: steps.get(run.id) ?? [], spend: run.is_simulated ? [spend().by_provider[4]] : run.cost_micro_usd ? [{ ...spend().by_provider[0], calls: Math.round(run.cost_micro_usd / 34_000), settled_micro_usd: run.cost_micro_usd }] : [], input: { mode: "all", field_ids: run.subject.field_ids ?? [] }, result: null }; }],
  ["POST", "/v3/runs/:id/stop", ({ params }) => { const run = find(runs, params.id, "run"); run.state = "stopping"; announce(run); return run; }],
  ["POST", "/v3/runs/:id/resume", ({ params }) => { const run = find(runs, params.id, "run"); Object.assign(run, { state: "running", finished_at: null }); announce(run); return run; }],
  ["POST", "/v3/runs/:id/retry", ({ params }) => { const run = find(runs, params.id, "run"); Object.assign(run, { state: "running", finished_at: null, error: null }); announce(run); return run; }],
  ["GET", "/v3/spend", ({ query }) => spend(query.get("client_id"))],
  ["POST", "/v3/calls/:id/reconcile", ({ params }) => { unknown.splice(unknown.findIndex((u) => u.call_id === params.id), 1); publish("spend", { type: "spend" }); return {}; }],
  ["GET", "/v3/budgets", () => page(budgets)],
  ["PUT", "/v3/budgets", ({ body }) => { const known = budgets.find((b) => b.scope === body.scope && b.scope_id === body.scope_id); if (known) return Object.assign(known, { limit_micro_usd: body.limit_micro_usd }); const name = clients.find((c) => c.id === body.scope_id)?.name ?? workbooks.find((w) => w.id === body.scope_id)?.name ?? session.account.name; budgets.push(budget(body.scope, body.scope_id, name, body.limit_micro_usd, 0)); return budgets.at(-1); }],
  ["DELETE", "/v3/budgets/:id", ({ params }) => { budgets.splice(budgets.findIndex((b) => b.id === params.id), 1); }],
  ["GET", "/v3/credentials", () => page(credentials)],
  ["PUT", "/v3/credentials/:kind/:name", ({ params, body }) => { const value = Object.values(body.values ?? {}).at(0) ?? ""; const made = { kind: params.kind, name: params.name, last_four: String(value).slice(-4) || null, fingerprint: "b7720c1e", base_url: body.base_url ?? null, features: null, usd_per_credit: body.usd_per_credit ?? null, updated_at: now() }; const at = credentials.findIndex((c) => c.name === params.name); if (at >= 0) credentials[at] = made; else credentials.push(made); return made; }],
  ["DELETE", "/v3/credentials/:kind/:name", ({ params }) => { credentials.splice(credentials.findIndex((c) => c.name === params.name), 1); }],
  ["POST", "/v3/credentials/:kind/:name/test", () => ({ lines: [{ name: "Reach the address", is_ok: true, detail: "answered in 182 ms" }, { name: "Key accepted", is_ok: true, detail: "200 from /v1/models" }, { name: "Structured output", is_ok: true, detail: "JSON Schema is honoured" }, { name: "Usage is reported", is_ok: false, detail: "no token counts in the reply; costs will be estimated from the text" }] })],
];

function approve(plan, body) {
  if (body.hash !== plan.hash) throw new Refusal(409, "content_changed", "The plan has changed since you looked at it. Look again and approve what it says now.");
  const workbook = { id: newId(), client_id: plan.client_id, name: plan.name, is_training: session.account.is_training, created_at: now(), updated_at: now(), spent_micro_usd: 0, tables: [] };
  const id = newId();
  const rows = plan.estimate.rows;
  workbook.tables.push({ id, name: "Companies", kind: "ce", row_count: rows, field_count: 11, status: "running", progress: null });
  workbooks.unshift(workbook);
  tables.set(id, ceTable(id, workbook, rows));
  const run = makeRun("apply_plan", `Begin ${plan.name}`, "running", { total: plan.document.steps.length, by_state: {}, subject: { plan_id: plan.id, workbook_id: workbook.id, table_id: null }, is_simulated: session.account.is_training, created_at: now(), started_at: now(), client_id: plan.client_id });
  steps.set(run.id, plan.document.steps.map((s) => aStep(s.order, s.description, s.order === 1 ? "running" : "queued", { input_variables: s.config, lineage: {} })));
  setTimeout(() => { run.subject.table_id = id; plan.workbook_id = workbook.id; announce(run); }, 2500);
  Object.assign(plan, { state: "applying", run_id: run.id });
  announce(run);
  publish("workbooks", { type: "workbook", id: workbook.id });
  return { plan, run };
}

function stopAll() {
  const stopped = runs.filter((r) => r.state === "running");
  for (const run of stopped) { run.state = "stopping"; announce(run); }
  return { stopped_run_ids: stopped.map((r) => r.id) };
}

function cellDetail({ id, row, field: fieldId }) {
  const t = tables.get(id);
  const f = find(t.fields, fieldId, "column");
  const r = t.records.find((each) => each.row_id === row) ?? (() => { throw missing("row"); })();
  const cell = r.cells[f.no] ?? { state: "done", marks: 0, note: null };
  const attempts = f.kind === "waterfall" ? [
    { provider: "apollo", capability: "find_email", call_id: newId(), call_class: "B", state: "settled", outcome: "not_found", message: "no match", cost_micro_usd: 0, is_simulated: true, request: { method: "POST", url: "http://127.0.0.1:8766/apollo/api/v1/people/match", headers: { "x-api-key": "•••• 9f3c" } }, response: { status: 200, body: { person: null } }, started_at: minutesAgo(4), elapsed_ms: 212 },
    { provider: "hunter", capability: "find_email", call_id: newId(), call_class: "B", state: "settled", outcome: "found", message: null, cost_micro_usd: 0, is_simulated: true, request: { method: "GET", url: "http://127.0.0.1:8766/hunter/v2/email-finder", query: { domain: r.values[t.fields[1].no] } }, response: { status: 200, body: { data: { email: r.values[f.no], score: 91 } } }, started_at: minutesAgo(4), elapsed_ms: 348 },
  ] : [];
  return { value: r.values[f.no], state: cell.state, marks: cell.marks, note: cell.note ?? null, field: f, row_id: row, source: { kind: attempts.length ? "provider" : f.kind === "rubric" ? "formula" : "directory", label: attempts.length ? "Hunter" : "Company directory", at: minutesAgo(4) }, attempts, cost_micro_usd: 0, run: null, history: [] };
}

async function api(request, response, url) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const raw = Buffer.concat(chunks).toString();
  const requestId = newId();
  const send = (status, body) => {
    response.writeHead(status, { "Content-Type": "application/json", "X-Request-Id": requestId });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
  try {
    if (process.env.MOCK_FAIL && url.pathname.includes(process.env.MOCK_FAIL)) throw new Refusal(503, "database_unavailable", "The database cannot be reached, so nothing could be read. Nothing was changed; it is tried again by itself.");
    for (const [method, pattern, act] of routes) {
      const params = match(pattern, url.pathname);
      if (method !== request.method || !params) continue;
      if (!isSignedIn && !url.pathname.startsWith("/v3/session")) throw new Refusal(401, "sign_in_required", "Sign in to go on.");
      if (flags.slow) await new Promise((done) => setTimeout(done, 1200));
      const isJson = request.headers["content-type"]?.startsWith("application/json");
      const body = await act({ params, query: url.searchParams, raw, body: isJson && raw ? JSON.parse(raw) : {} });
      return send(body === undefined ? 204 : 200, body);
    }
    throw missing("address");
  } catch (error) {
    if (!(error instanceof Refusal)) console.error(error);
    send(error.status ?? 500, { error: { code: error.code ?? "error", message: error.message, details: error.details ?? {}, request_id: requestId } });
  }
}

function match(pattern, path) {
  const names = [];
  const found = new RegExp(`^${pattern.replace(/:(\w+)/g, (_, name) => (names.push(name), "([^/]+)"))}$`).exec(path);
  return found && Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(found[index + 1])]));
}

async function file(response, path) {
  const root = flags.static;
  const wanted = normalize(path).replace(/^(\.\.[/\\])+/, "");
  const isAsset = extname(wanted) !== "";
  try {
    const body = await readFile(join(root, isAsset ? wanted : "index.html"));
    response.writeHead(200, { "Content-Type": TYPES[isAsset ? extname(wanted) : ".html"] ?? "application/octet-stream", "Content-Security-Policy": CSP, "Cache-Control": wanted.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache" });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}

const server = createServer((request, response) => {
  const url = new URL(request.url, "http://mock");
  if (url.pathname.startsWith("/v3/")) return void api(request, response, url);
  if (flags.static) return void file(response, url.pathname);
  response.writeHead(404).end();
});
new WebSocketServer({ server, path: "/v3/live" }).on("connection", (socket) => {
  socket.topics = new Set();
  sockets.add(socket);
  socket.send(JSON.stringify({ topic: "hello" }));
  socket.on("message", (text) => {
    const { subscribe = [], unsubscribe = [] } = JSON.parse(text);
    for (const topic of subscribe) socket.topics.add(topic);
    for (const topic of unsubscribe) socket.topics.delete(topic);
  });
  socket.on("close", () => sockets.delete(socket));
});
server.listen(Number(flags.port), "127.0.0.1", () => console.log(`The stand-in server is on http://127.0.0.1:${flags.port}`));
