// A stand-in server for the table screen alone: one invented table of any size, with edits, runs and live updates.
// `node src/screens/table/mock-table.mjs [--port 8790] [--rows 500] [--columns 14] [--static ../spadework/web/static]
//  [--delay 0] [--fail records|estimate|patch] [--role viewer] [--run]`
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { parseArgs } from "node:util";
import { WebSocketServer } from "ws";

const { values: flags } = parseArgs({
  options: {
    port: { type: "string", default: "8790" }, rows: { type: "string", default: "500" }, columns: { type: "string", default: "14" },
    static: { type: "string", default: "../spadework/web/static" }, delay: { type: "string", default: "0" }, fail: { type: "string", default: "" },
    role: { type: "string", default: "owner" }, run: { type: "boolean" }, paid: { type: "boolean" },
  },
});
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".json": "application/json" };
const uuid = (n) => `0192f0c0-0000-7000-8000-${String(n).padStart(12, "0")}`;
const columnKinds = JSON.parse(await readFile(new URL("./mock-columns.json", import.meta.url), "utf8"));
const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();
class Refusal extends Error {
  constructor(status, code, message, details = {}) {
    super(message);
    Object.assign(this, { status, code, details });
  }
}

// The table

const TABLE = uuid(30);
const CLIENT = uuid(10);
let fieldCount = 0;
function field(name, kind, more = {}) {
  const no = ++fieldCount;
  const id = uuid(7000 + no);
  return { id, ref: `f_${id.replaceAll("-", "")}`, no, name, kind, settings: {}, storage: "text", position: no, condition: null, auto_run: false, output_of: null, output_name: null, is_computed: ["formula", "enrichment", "waterfall", "ai", "rubric"].includes(kind), width: null, is_hidden: false, depends_on: [], ...more };
}
const company = field("Company", "text");
const domain = field("Domain", "text");
const ceo = field("CEO", "text");
const step = (provider) => ({ provider, capability: "find_email", inputs: { first_name: "{{CEO}}", company_domain: "{{Domain}}" } });
const mail = field("Work e-mail", "waterfall", { depends_on: [ceo.id, domain.id], condition: "!!{{Domain}}", settings: { steps: [step("apollo"), step("hunter"), step("email_pattern")], validator: { provider: "zerobounce", capability: "verify_email" } } });
const score = field("ICP score", "rubric", { storage: "number", depends_on: [domain.id], settings: { rules: [{ label: "Size", field: "{{Employees}}", op: "at_least", values: [200], weight: 30, reason: "More than 200 employees" }] } });
const fit = field("Ships goods?", "ai", { storage: "json", depends_on: [company.id, domain.id], settings: { prompt: "Does {{Company}} ({{Domain}}) ship physical goods?\n\nAnswer from its description: {{Description}}", output_fields: [{ name: "ships", type: "boolean" }, { name: "reasoning", type: "text" }] } });
const website = field("Website", "url");
const employees = field("Employees", "number", { storage: "number" });
const revenue = field("Revenue (USD)", "number", { storage: "number" });
const founded = field("Founded", "number", { storage: "number" });
const city = field("City", "text");
const reasons = field("ICP score reasons", "rubric", { storage: "json", is_computed: true, output_of: score.id, output_name: "reasons" });
const reasoning = field("Ships goods? reasoning", "ai", { output_of: fit.id, output_name: "reasoning" });
const industry = field("Industry", "select", { settings: { options: ["Software", "Semiconductors", "Internet", "Logistics"] } });
const listed = field("Listed", "boolean", { storage: "json" });
const seenAt = field("Last seen", "date", { storage: "timestamp" });
const about = field("Description", "text");
const fields = [company, domain, website, ceo, employees, revenue, founded, city, mail, score, reasons, fit, reasoning, industry, listed, seenAt, about];
fields.forEach((each, at) => { each.position = at; });
while (fields.length < Number(flags.columns)) fields.push(field(`Signal ${fields.length - 16}`, fields.length % 3 === 0 ? "number" : "text", { position: fields.length, ...(fields.length % 3 === 0 && { storage: "number" }) }));
const byId = new Map(fields.map((each) => [each.id, each]));

const FIRST = ["Alder", "Beacon", "Cobalt", "Drift", "Ember", "Fathom", "Granite", "Harbor", "Indigo", "Juniper", "Kestrel", "Lumen", "Meridian", "Northgate", "Orchard", "Pinnacle", "Quarry", "Rowan", "Sable", "Tidewater"];
const SECOND = ["Analytics", "Cloud", "Devices", "Networks", "Robotics", "Semiconductor", "Software", "Systems", "Works"];
const CITIES = ["San Francisco", "San José", "Palo Alto", "San Diego", "Irvine", "Oakland", "Santa Clara", "Sunnyvale"];
const PEOPLE = ["Ana Ruiz", "Ben Okafor", "Carla Nyström", "Dev Mehta", "Elif Kaya", "Farid Haddad", "Grace Lindqvist", "Hiro Tanaka", "Ines Moreau", "Jonas Weber"];
const STATES = ["done", "done", "done", "done", "no_data", "done", "failed", "done", "missing_input", "done", "unknown", "done", "over_budget", "done", "condition_not_met", "stale", "rate_limited"];
const NOTES = {
  failed: "Hunter answered 503 three times. Retry the failed rows; nothing was charged.",
  unknown: "The call left and no answer came back; it may have been charged.",
  no_data: "Apollo, Hunter and the pattern guess found nobody by this name.",
  missing_input: "Nothing in CEO.",
  over_budget: "The client's budget has $0.01 left and the call costs $0.034.",
  rate_limited: "Apollo asked for a pause of 40 s.",
};
const changed = new Map();
let total = Number(flags.rows);
let version = 1;

function rowAt(index) {
  const id = String(index + 1);
  const known = changed.get(id);
  if (known) return known;
  const name = `${FIRST[index % 20]} ${SECOND[(index * 7 + Math.floor(index / 20)) % 9]}`;
  const host = `${name.toLowerCase().replaceAll(" ", "-")}.example.com`;
  const person = PEOPLE[(index * 3) % 10];
  const isRunDown = flags.run;
  const state = isRunDown ? "queued" : STATES[(index * 5) % STATES.length];
  const isGuess = index % 7 === 3;
  const points = (index * 37) % 101;
  const hasFit = index < 60;
  const values = {
    [company.no]: index === 4 ? "The Very Long And Winding Company Name Incorporated In Many Jurisdictions (formerly Ember Robotics Holdings International)" : name,
    [domain.no]: host, [website.no]: `https://www.${host}/about`, [ceo.no]: index % 17 === 8 ? null : person,
    [employees.no]: 40 + ((index * 7919) % 90000), [revenue.no]: ((index * 104729) % 9000) * 1_000_000 + 250000, [founded.no]: 1962 + ((index * 13) % 58), [city.no]: CITIES[(index * 5) % 8],
    [mail.no]: ["done", "stale"].includes(state) ? `${person.toLowerCase().normalize("NFD").replace(/[^a-z ]/g, "").replace(" ", ".")}@${host.replace(".example.com", "")}.example` : null,
    [score.no]: isRunDown ? null : points,
    [reasons.no]: isRunDown ? null : [{ label: "Size", points: points % 40, reason: "More than 200 employees" }, { label: "Place", points: points % 30, reason: "Headquartered in California" }],
    [fit.no]: hasFit && !isRunDown ? index % 3 === 0 : null,
    [reasoning.no]: hasFit && !isRunDown ? (index % 3 === 0 ? "Its site lists warehouses and a parts catalogue." : "It sells software by subscription and ships nothing.") : null,
    [industry.no]: ["Software", "Semiconductors", "Internet", "Logistics"][(index * 3) % 4], [listed.no]: index % 4 !== 0, [seenAt.no]: new Date(Date.UTC(2026, index % 10, 1 + (index % 27), 9, 30)).toISOString(),
    [about.no]: index % 5 === 0 ? null : `${name} makes tools that people in ${CITIES[(index * 5) % 8]} use every day. ${"It was founded in a garage, moved three times, and now employs people on four continents who answer questions at any hour. ".repeat(1 + (index % 4))}`,
  };
  for (const each of fields.slice(17)) values[each.no] = each.storage === "number" ? (index * each.no * 31) % 1000 : index % 3 ? `${each.name} of ${name}` : null;
  const status = (s, marks = 0, note = NOTES[s] ?? null) => ({ state: s, marks, note });
  const made = {
    row_id: id, values,
    cells: {
      [mail.no]: status(state, values[mail.no] === null ? 0 : flags.paid ? (isGuess ? 2 : 0) : isGuess ? 3 : 1),
      [score.no]: status(isRunDown ? "queued" : "done"), [reasons.no]: status(isRunDown ? "queued" : "done"),
      [fit.no]: status(isRunDown ? "queued" : hasFit ? "done" : "empty"), [reasoning.no]: status(isRunDown ? "queued" : hasFit ? "done" : "empty"),
    },
  };
  return made;
}

const views = [
  { id: uuid(6000), name: "All rows", filters: [], sorts: [], columns: {} },
  { id: uuid(6001), name: "No e-mail yet", filters: [{ field: mail.id, op: "state_is", value: "no_data" }], sorts: [], columns: {} },
];
const runs = [];
const table = () => ({ id: TABLE, workbook_id: uuid(20), workbook_name: "California technology, Q1", client_id: CLIENT, name: "Companies", kind: "ce", row_count: total, version, is_training: !flags.paid, auto_run: false, fields, views, active_runs: runs.filter((run) => ["running", "stopping", "queued"].includes(run.state)) });

// Only small tables are filtered, sorted and searched here; the real server does it for all.
const NARROWED_AT_MOST = 5000;
function selectRows({ filter, sort, search }) {
  const list = Array.from({ length: Math.min(total, NARROWED_AT_MOST) }, (_, index) => rowAt(index));
  const rules = filter ? JSON.parse(filter) : [];
  const groups = Array.isArray(rules) ? (rules.length ? [rules] : []) : rules.or;
  const found = list.filter((row) => (groups.length === 0 || groups.some((group) => group.every((rule) => holds(row, rule)))) && (!search || JSON.stringify(row.values).toLowerCase().includes(search.toLowerCase())));
  for (const rule of (sort ? JSON.parse(sort) : []).reverse()) {
    const { no } = byId.get(rule.field);
    const sign = rule.direction === "desc" ? -1 : 1;
    found.sort((a, b) => (a.values[no] ?? "") < (b.values[no] ?? "") ? -sign : sign);
  }
  return found;
}
function holds(row, { field: id, op, value }) {
  const { no } = byId.get(id);
  const own = row.values[no];
  const text = String(own ?? "").toLowerCase();
  return { is: () => text === String(value).toLowerCase(), is_not: () => text !== String(value).toLowerCase(), contains: () => text.includes(String(value).toLowerCase()), is_empty: () => own == null, is_not_empty: () => own != null, gt: () => own > value, gte: () => own >= value, lt: () => own != null && own < value, lte: () => own != null && own <= value, state_is: () => (row.cells[no]?.state ?? "empty") === value }[op]();
}

// Live

const sockets = new Set();
function publish(topic, ...events) {
  for (const socket of sockets) if (socket.topics.has(topic)) socket.send(JSON.stringify({ topic, events }));
}
const announce = (run) => publish(`table:${TABLE}`, { type: "run", ...run });

function startRun(fieldIds, rowCount) {
  const asked = fieldIds.map((id) => byId.get(id)).filter(Boolean);
  const progress = { total: rowCount * asked.length, done: 0, by_state: {}, fields: Object.fromEntries(asked.map((each) => [each.id, { total: rowCount, done: 0, by_state: {}, cost_micro_usd: 0 }])), rate_per_second: null, cost_micro_usd: 0 };
  const run = { id: uuid(90_000 + runs.length), kind: "fill_columns", title: asked.length === 1 ? `Fill ${asked[0].name}` : `Fill ${asked.length} columns`, state: "running", progress, subject: { table_id: TABLE, workbook_id: uuid(20), field_ids: fieldIds }, is_simulated: !flags.paid, cost_micro_usd: 0, error: null, created_at: ago(0), started_at: ago(0), finished_at: null, client_id: CLIENT, created_by_name: "Ana Ruiz" };
  runs.push(run);
  let row = 0;
  const tick = setInterval(() => {
    if (run.state === "stopping") return end("stopped");
    const cells = [];
    for (let n = 0; n < 6 && row < rowCount; n++, row++) {
      for (const each of asked) {
        const state = each.id === mail.id ? STATES[(row * 5) % STATES.length] : "done";
        const base = rowAt(row);
        const person = base.values[ceo.no] ?? "office";
        const value = state === "done" || state === "stale" ? (each.id === mail.id ? `${person.toLowerCase().replace(/[^a-z ]/g, "").replace(" ", ".")}@${String(base.values[domain.no]).replace(".example.com", "")}.example` : each.id === score.id ? (row * 37) % 101 : row % 3 === 0) : null;
        const marks = value !== null && each.id === mail.id && !flags.paid ? 1 : 0;
        changed.set(base.row_id, { ...base, values: { ...base.values, [each.no]: value }, cells: { ...base.cells, [each.no]: { state, marks, note: NOTES[state] ?? null } } });
        cells.push([base.row_id, each.no, state, value, marks, NOTES[state] ?? null]);
        const part = progress.fields[each.id];
        part.done += 1;
        part.by_state[state] = (part.by_state[state] ?? 0) + 1;
        progress.by_state[state] = (progress.by_state[state] ?? 0) + 1;
        progress.done += 1;
        if (flags.paid) { part.cost_micro_usd += 4200; progress.cost_micro_usd += 4200; run.cost_micro_usd += 4200; }
      }
    }
    progress.rate_per_second = 24.4;
    publish(`table:${TABLE}`, { type: "cells", run_id: run.id, cells, at: ago(0) });
    const next = Array.from({ length: Math.min(6, rowCount - row) }, (_, n) => rowAt(row + n).row_id);
    for (const each of asked) publish(`table:${TABLE}`, { type: "running", field_no: each.no, row_ids: next });
    announce(run);
    if (row >= rowCount) end("succeeded");
  }, 250);
  function end(state) {
    clearInterval(tick);
    Object.assign(run, { state, finished_at: ago(0) });
    announce(run);
  }
  announce(run);
  return run;
}
if (flags.run) startRun([mail.id, score.id], total);

// The addresses

const capability = (key, label, price, inputs, outputs) => ({ key, label, price_credits: price ? 1 : 0, price_micro_usd: price, call_class: price ? "B" : "C", is_miss_charged: false, inputs, needs: [inputs.map((each) => each.name)], outputs });
const person = [{ name: "first_name", label: "First name" }, { name: "last_name", label: "Last name" }, { name: "company_domain", label: "Company domain" }];
const provider = (key, label, summary, is_local, capabilities, has_key = false) => ({ key, label, summary, docs_url: is_local ? "" : `https://${key}.example.com/docs`, is_local, has_key, key_fields: [], capabilities });
const catalog = {
  columns: columnKinds,
  providers: [
    provider("apollo", "Apollo", "People and companies, with e-mails and phones.", false, [capability("find_email", "Find work e-mail", 20_000, person, ["email", "status"]), capability("enrich_company", "Company by domain", 20_000, [{ name: "domain", label: "Domain" }], ["name", "employees", "revenue_usd"])]),
    provider("hunter", "Hunter", "E-mail addresses by name and domain, with their sources.", false, [capability("find_email", "Find work e-mail", 34_000, person, ["email", "status"]), capability("verify_email", "Verify e-mail", 17_000, [{ name: "email", label: "E-mail" }], ["status"])], true),
    provider("zerobounce", "ZeroBounce", "Says whether an address takes mail.", false, [capability("verify_email", "Verify e-mail", 8_000, [{ name: "email", label: "E-mail" }], ["status"])]),
    provider("email_pattern", "E-mail pattern", "Guesses an address from the name and domain, and marks it as a guess.", true, [capability("find_email", "Find work e-mail", 0, person, ["email"])]),
    provider("directory", "Company directory", "About 1,800 listed companies, bundled.", true, [capability("enrich_company", "Company by domain", 0, [{ name: "domain", label: "Domain" }], ["name", "employees", "founded_year"])]),
  ],
  llms: [{ key: "anthropic", label: "Anthropic", key_fields: [], takes_base_url: false, is_simulated: false, has_key: false, models: [{ id: "claude-haiku", label: "Claude Haiku", input_micro_usd_per_mtok: 1_000_000, output_micro_usd_per_mtok: 5_000_000, best_for: "fast classification" }] }],
  filters: { industries: [], sizes: [], countries: [], us_states: [] },
};
const PERMISSIONS = { owner: ["*"], viewer: ["session.read", "clients.read", "workbooks.read", "runs.read", "spend.read"] };
const session = { user: { id: uuid(1), email: "ana@example.com", name: "Ana Ruiz", role: flags.role }, account: { id: uuid(2), name: "Example Agency", is_training: !flags.paid, settings: {} }, permissions: PERMISSIONS[flags.role], version: "0.1.0" };
const empty = { data: [], next_cursor: null };
const client = { id: CLIENT, name: "Northwind Logistics", domain: "northwind.example.com", llm: null, model: null, workbook_count: 1, spent_micro_usd: 18_420_000, budget: null, created_at: ago(9000) };

function estimate(body) {
  const rows = body.first_n ?? body.row_ids?.length ?? (body.mode === "failed" ? Math.floor(total / 17) : total);
  const price = (id) => (!flags.paid || id === score.id ? 0 : id === mail.id ? 4200 : 602);
  const list = body.field_ids.map((id) => ({ field_id: id, name: byId.get(id).name, rows, price_micro_usd_per_row: price(id), expected_micro_usd: price(id) * rows, worst_micro_usd: price(id) * rows * 2, provider: id === mail.id ? "apollo" : id === fit.id ? "anthropic" : null, warnings: id === mail.id ? ["Apollo has no key stored, so Hunter is asked first."] : [] }));
  const sum = (key) => list.reduce((all, each) => all + each[key], 0);
  const blockers = list.filter((each) => each.field_id === fit.id).map((each) => ({ field_id: each.field_id, message: "“Ships goods?” needs a language model. Connect one in Settings › Language models, or leave the column out." }));
  return { rows, fields: list, expected_micro_usd: sum("expected_micro_usd"), worst_micro_usd: sum("worst_micro_usd"), budgets: [{ scope: "client", left_micro_usd: 6_240_000, fits: true }, { scope: "table", left_micro_usd: 1_100_000, fits: sum("worst_micro_usd") < 1_100_000 }], needs_confirmation: sum("worst_micro_usd") > 1_000_000, blockers };
}

function cell(rowId, fieldId) {
  const row = rowAt(Number(rowId) - 1);
  const own = byId.get(fieldId);
  const status = row.cells[own.no] ?? { state: "done", marks: 0, note: null };
  const call = (who, outcome, message, cost, more = {}) => ({ provider: who, capability: "find_email", call_id: uuid(50_000 + Number(rowId)), call_class: "B", state: "settled", outcome, message, cost_micro_usd: cost, is_simulated: !flags.paid, request: { method: "POST", url: `https://${who}.example.com/v1/people/match`, headers: { "x-api-key": "•••• 9f3c" }, body: { first_name: "Ana", domain: row.values[domain.no] } }, response: { status: 200, body: { person: outcome === "found" ? { email: row.values[own.no], score: 91 } : null } }, started_at: ago(4), elapsed_ms: 212, ...more });
  let attempts = [];
  if (own.id === mail.id) {
    attempts = [call("apollo", "not_found", "No match for this name and domain, so the next source was asked. A miss is not charged.", 0)];
    attempts.push(status.state === "unknown" ? call("hunter", null, "No answer within 30 s.", 34_000, { state: "unknown", response: null, elapsed_ms: 30_000 }) : status.state === "failed" ? call("hunter", "vendor_down", NOTES.failed, 0, { response: { status: 503, body: "Service Unavailable" } }) : call("hunter", row.values[own.no] ? "found" : "not_found", row.values[own.no] ? "ZeroBounce says it is valid, so it was taken and the rest were not asked." : "No match.", flags.paid ? 34_000 : 0));
  }
  if (own.id === fit.id) attempts = [call("anthropic", "found", null, 602, { capability: "complete", is_simulated: false, model: "claude-haiku", system: "You fill one cell of a table about one row.", prompt: `Does ${row.values[company.no]} ship physical goods?`, raw_output: '{"ships": false, "reasoning": "It sells software by subscription and ships nothing."}', input_tokens: 412, output_tokens: 38 })];
  const history = own.id === score.id ? [{ id: uuid(61_000), value: 44, state: "done", at: ago(1400), run_id: null, marks: 0 }, { id: uuid(61_001), value: null, state: "missing_input", at: ago(2400), run_id: null, marks: 0 }] : [];
  return { value: row.values[own.no] ?? null, state: status.state, marks: status.marks, note: status.note ?? null, field: own, row_id: rowId, source: own.is_computed ? { kind: own.id === mail.id ? "provider" : own.id === fit.id ? "llm" : "formula", label: own.id === mail.id ? "Hunter" : own.id === fit.id ? "Claude Haiku" : "ICP rubric", at: ago(4) } : { kind: "directory", label: "Company directory", at: ago(60) }, attempts, cost_micro_usd: attempts.reduce((sum, each) => sum + (each.is_simulated ? 0 : each.cost_micro_usd), 0), run: runs[0] ?? null, history };
}

const failing = (what, status = 503) => {
  if (flags.fail === what) throw new Refusal(status, "database_unavailable", "The database cannot be reached, so nothing could be read. Nothing was changed; it is tried again by itself.");
};
const imported = {id: uuid(91_000), kind: "import", title: "Import prospects.csv", state: "succeeded", progress: { total: 1240, done: 1240, by_state: { done: 1228, failed: 12 }, fields: {}, rate_per_second: null, cost_micro_usd: 0 }, subject: {}, is_simulated: false, cost_micro_usd: 0, error: null, created_at: ago(0), started_at: ago(0), finished_at: ago(0), client_id: CLIENT, created_by_name: "Ana Ruiz" };
const routes = [
  ["GET", "/v3/session", () => session],
  ["GET", "/v3/clients", () => ({ data: [client], next_cursor: null })],
  ["GET", "/v3/clients/:id", () => client],
  ["GET", "/v3/tables/:id", ({ id }) => { failing("table"); if (flags.fail === "forbidden") throw new Refusal(403, "forbidden", "Your role does not include seeing this table. Ask an administrator of your account."); if (id !== TABLE) throw new Refusal(404, "not_found", "There is no such table in this account."); return table(); }],
  ["GET", "/v3/tables/:id/counts", () => ({ fields: Object.fromEntries(fields.filter((each) => each.is_computed).map((each) => { const sample = Array.from({ length: Math.min(total, 2000) }, (_, index) => rowAt(index).cells[each.no]?.state ?? "empty"); const out = {}; for (const state of sample) out[state] = (out[state] ?? 0) + Math.max(1, Math.round(total / Math.max(1, sample.length))); return [each.id, out]; })) })],
  ["GET", "/v3/tables/:id/views/:view/records", (_, { query }) => {
    failing("records");
    const offset = Number(query.get("offset") ?? 0);
    const limit = Number(query.get("limit") ?? 200);
    const isNarrowed = query.get("search") || (query.get("filter") ?? "[]") !== "[]" || (query.get("sort") ?? "[]") !== "[]";
    if (isNarrowed) { const found = selectRows({ filter: query.get("filter"), sort: query.get("sort"), search: query.get("search") }); return { offset, total: found.length, version, rows: found.slice(offset, offset + limit) }; }
    return { offset, total, version, rows: Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, n) => rowAt(offset + n)) };
  }],
  ["POST", "/v3/tables/:id/estimate", (_, { body }) => { failing("estimate"); return estimate(body); }],
  ["PATCH", "/v3/tables/:id/run", (_, { body }) => startRun(body.field_ids, Math.min(total, 2000, body.first_n ?? body.row_ids?.length ?? total))],
  ["POST", "/v3/tables/:id/stop", () => { const active = runs.filter((run) => run.state === "running"); for (const run of active) { run.state = "stopping"; announce(run); } return { stopped_run_ids: active.map((run) => run.id) }; }],
  ["PATCH", "/v3/tables/:id/records", (_, { body }) => {
    failing("patch");
    for (const { row_id, cells } of body.records) {
      const row = rowAt(Number(row_id) - 1);
      const values = { ...row.values };
      for (const [id, value] of Object.entries(cells)) {
        const own = byId.get(id);
        if (own.storage === "number" && typeof value === "string") throw new Refusal(422, "invalid_input", `“${value}” is no number. Write digits, such as 1,200 or 3.5.`);
        values[own.no] = value;
      }
      changed.set(row.row_id, { ...row, values });
    }
    return {};
  }],
  ["POST", "/v3/tables/:id/records", (_, { body }) => { const row_ids = body.records.map((record) => { const row_id = String(++total); changed.set(row_id, { row_id, values: Object.fromEntries(Object.entries(record.cells).map(([id, value]) => [byId.get(id).no, value])), cells: {} }); return row_id; }); publish(`table:${TABLE}`, { type: "rows", version: ++version, row_count: total }); return { row_ids }; }],
  ["DELETE", "/v3/tables/:id/records", (_, { body }) => { total -= body.row_ids.length; publish(`table:${TABLE}`, { type: "rows", version: ++version, row_count: total }); }],
  ["GET", "/v3/tables/:id/records/:row/cells/:field", ({ row, field: id }) => cell(row, id)],
  ["POST", "/v3/tables/:id/records/:row/cells/:field/restore", () => ({})],
  ["POST", "/v3/calls/:id/reconcile", () => ({})],
  ["POST", "/v3/tables/:id/fields", (_, { body }) => { const made = field(body.name, body.kind, { settings: body.settings ?? {}, condition: body.condition ?? null, storage: body.kind === "number" || body.kind === "rubric" ? "number" : "text" }); fields.push(made); byId.set(made.id, made); const outputs = (body.outputs ?? []).map((each) => { const out = field(each.name, body.kind, { output_of: made.id, output_name: each.output_name }); fields.push(out); byId.set(out.id, out); return out; }); return { ...made, output_fields: outputs }; }],
  ["PATCH", "/v3/fields/:id", ({ id }, { body }) => Object.assign(byId.get(id), body)],
  ["DELETE", "/v3/fields/:id", ({ id }) => { fields.splice(fields.findIndex((each) => each.id === id), 1); }],
  ["POST", "/v3/tables/:id/views", (_, { body }) => { const view = { id: uuid(6000 + views.length), ...body }; views.push(view); return view; }],
  ["PATCH", "/v3/views/:id", ({ id }, { body }) => Object.assign(views.find((view) => view.id === id), body)],
  ["DELETE", "/v3/views/:id", ({ id }) => { views.splice(views.findIndex((view) => view.id === id), 1); }],
  ["POST", "/v3/imports/preview", () => ({ upload_id: uuid(44), encoding: "utf-8", delimiter: ",", columns: [{ name: "company", samples: ["Alder Analytics", "Beacon Robotics"], guess_kind: "text" }, { name: "Head count", samples: ["480", "1,200", "75"], guess_kind: "number" }, { name: "Contact e-mail of the person who answered", samples: ["ana@example.com", "", "ben@example.com"], guess_kind: "email" }], rows_seen: 1240 })],
  ["POST", "/v3/tables/:id/import", () => imported],
  ["GET", "/v3/runs/:id", ({ id }) => ({ ...(runs.find((run) => run.id === id) ?? imported), steps: [], spend: [], input: null, result: null })],
  ["GET", "/v3/catalog", () => catalog],
];

async function api(request, response, url) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const raw = Buffer.concat(chunks).toString();
  const send = (status, body) => {
    response.writeHead(status, { "Content-Type": "application/json", "X-Request-Id": uuid(1234) });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
  try {
    if (Number(flags.delay)) await new Promise((done) => setTimeout(done, Number(flags.delay)));
    for (const [method, pattern, act] of routes) {
      const found = new RegExp(`^${pattern.replace(/:(\w+)/g, "(?<$1>[^/]+)")}$`).exec(url.pathname);
      if (method !== request.method || !found) continue;
      const isJson = request.headers["content-type"]?.startsWith("application/json");
      const answer = act(found.groups ?? {}, { query: url.searchParams, body: isJson && raw ? JSON.parse(raw) : {} });
      return send(answer === undefined ? 204 : 200, answer);
    }
    send(200, empty);
  } catch (error) {
    if (!(error instanceof Refusal)) console.error(error);
    send(error.status ?? 500, { error: { code: error.code ?? "error", message: error.message, details: error.details ?? {}, request_id: uuid(1234) } });
  }
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, "http://mock");
  if (url.pathname.startsWith("/v3/")) return api(request, response, url);
  const name = extname(url.pathname) ? url.pathname : "/index.html";
  try {
    const body = await readFile(join(flags.static, name));
    response.writeHead(200, { "Content-Type": TYPES[extname(name)] ?? "application/octet-stream", "Content-Security-Policy": CSP });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
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
server.listen(Number(flags.port), "127.0.0.1", () => console.log(`http://127.0.0.1:${flags.port}/c/${CLIENT}/tables/${TABLE}`));
