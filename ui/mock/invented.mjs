// Invented data for the stand-in server: companies and people on example.com only.

const FIRST = ["Alder", "Beacon", "Cobalt", "Drift", "Ember", "Fathom", "Granite", "Harbor", "Indigo", "Juniper", "Kestrel", "Lumen", "Meridian", "Northgate", "Orchard", "Pinnacle", "Quarry", "Rowan", "Sable", "Tidewater", "Umber", "Vantage", "Willow", "Yarrow", "Zephyr"];
const SECOND = ["Analytics", "Cloud", "Devices", "Networks", "Robotics", "Semiconductor", "Software", "Systems", "Works"];
const CITIES = [["San Francisco", "California"], ["San Jose", "California"], ["Palo Alto", "California"], ["San Diego", "California"], ["Irvine", "California"], ["Oakland", "California"], ["Santa Clara", "California"], ["Sunnyvale", "California"]];
const INDUSTRIES = ["Software", "Semiconductors", "Internet", "Cloud computing", "Computer hardware", "Cybersecurity"];
const PEOPLE = ["Ana Ruiz", "Ben Okafor", "Carla Nyström", "Dev Mehta", "Elif Kaya", "Farid Haddad", "Grace Lindqvist", "Hiro Tanaka", "Ines Moreau", "Jonas Weber"];

export const EMPTY = process.argv.includes("--empty");
export const uuid = (n) => `0192f0c0-0000-7000-8000-${String(n).padStart(12, "0")}`;
export const minutesAgo = (m) => new Date(Date.now() - m * 60_000).toISOString();

let seed = 42;
export function random() {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return seed / 2147483648;
}
const pick = (list) => list[Math.floor(random() * list.length)];

export function company(n) {
  const name = `${FIRST[n % FIRST.length]} ${SECOND[(n * 7 + Math.floor(n / FIRST.length)) % SECOND.length]}`;
  const [city, state] = CITIES[(n * 5) % CITIES.length];
  const domain = `${name.toLowerCase().replace(/ /g, "-")}.example.com`;
  return {
    name, domain, website: `https://${domain}`, city, state, industry: INDUSTRIES[(n * 3) % INDUSTRIES.length],
    ceo: PEOPLE[n % PEOPLE.length], employees: Math.round(40 + ((n * 7919) % 90000)), revenue: ((n * 104729) % 9000) * 1_000_000, founded: 1962 + ((n * 13) % 58),
  };
}

export const filters = {
  industries: ["Aerospace", "Automotive", "Banking", "Biotechnology", "Cloud computing", "Computer hardware", "Construction", "Cybersecurity", "Electronics", "Energy", "Financial services", "Food", "Healthcare", "Hospitality", "Insurance", "Internet", "Logistics", "Machinery", "Media", "Medical devices", "Mining", "Pharmaceuticals", "Real estate", "Retail", "Semiconductors", "Software", "Telecommunications", "Textiles", "Transportation", "Utilities"],
  sizes: ["1-10 employees", "11-50 employees", "51-200 employees", "201-500 employees", "501-1,000 employees", "1,001-5,000 employees", "5,001-10,000 employees", "10,001+ employees"],
  countries: ["Australia", "Austria", "Belgium", "Canada", "Denmark", "Finland", "France", "Germany", "Ireland", "Italy", "Japan", "Netherlands", "Norway", "Spain", "Sweden", "Switzerland", "United Kingdom", "United States"],
  us_states: ["Arizona", "California", "Colorado", "Florida", "Georgia", "Illinois", "Massachusetts", "Michigan", "New York", "North Carolina", "Ohio", "Oregon", "Pennsylvania", "Texas", "Virginia", "Washington"],
};

const email = { name: "email", label: "E-mail" };
const person = [{ name: "domain", label: "Domain" }, { name: "full_name", label: "Full name" }];
const capability = (key, label, price_credits, price_micro_usd, inputs, outputs, call_class = price_credits ? "B" : "C") => ({
  key, label, price_credits, price_micro_usd, call_class, is_miss_charged: false, inputs, needs: [inputs.map((input) => input.name)], outputs,
});

export const providers = [
  { key: "apollo", label: "Apollo", summary: "People and companies, with e-mails and phones.", docs_url: "https://docs.apollo.io", is_local: false, has_key: false,
    key_fields: [{ name: "api_key", label: "API key", is_secret: true }],
    capabilities: [capability("find_email", "Find work e-mail", 1, 20_000, person, ["email", "email_status"]), capability("enrich_company", "Company by domain", 1, 20_000, [{ name: "domain", label: "Domain" }], ["name", "employees", "revenue_usd", "industry"])] },
  { key: "hunter", label: "Hunter", summary: "E-mail addresses by name and domain, with their sources.", docs_url: "https://hunter.io/api-documentation", is_local: false, has_key: true,
    key_fields: [{ name: "api_key", label: "API key", is_secret: true }],
    capabilities: [capability("find_email", "Find work e-mail", 1, 34_000, person, ["email", "email_status", "score"]), capability("verify_email", "Verify e-mail", 0.5, 17_000, [email], ["status"])] },
  { key: "zerobounce", label: "ZeroBounce", summary: "Says whether an address takes mail.", docs_url: "https://www.zerobounce.net/docs", is_local: false, has_key: false,
    key_fields: [{ name: "api_key", label: "API key", is_secret: true }],
    capabilities: [capability("verify_email", "Verify e-mail", 1, 8_000, [email], ["status", "sub_status"])] },
  { key: "email_pattern", label: "E-mail pattern", summary: "Guesses an address from the name and domain, and marks it as a guess.", docs_url: "", is_local: true, has_key: false, key_fields: [],
    capabilities: [capability("find_email", "Find work e-mail", 0, 0, person, ["email"])] },
  { key: "email_check", label: "E-mail checks", summary: "Syntax, role, disposable and free-mail checks.", docs_url: "", is_local: true, has_key: false, key_fields: [],
    capabilities: [capability("verify_email", "Verify e-mail", 0, 0, [email], ["status"])] },
  { key: "directory", label: "Company directory", summary: "About 1,800 listed companies, bundled.", docs_url: "", is_local: true, has_key: false, key_fields: [],
    capabilities: [capability("enrich_company", "Company by domain", 0, 0, [{ name: "domain", label: "Domain" }], ["name", "employees", "revenue_usd", "founded_year"])] },
];

export const llms = [
  { key: "anthropic", label: "Anthropic", key_fields: [{ name: "api_key", label: "API key", is_secret: true }], takes_base_url: false, is_simulated: false, has_key: false,
    models: [{ id: "claude-haiku", label: "Claude Haiku", input_micro_usd_per_mtok: 1_000_000, output_micro_usd_per_mtok: 5_000_000, best_for: "fast classification and extraction" }, { id: "claude-opus", label: "Claude Opus", input_micro_usd_per_mtok: 5_000_000, output_micro_usd_per_mtok: 25_000_000, best_for: "hard judgement" }] },
  { key: "openai", label: "OpenAI or compatible", key_fields: [{ name: "api_key", label: "API key", is_secret: true }], takes_base_url: true, is_simulated: false, has_key: false,
    models: [{ id: "gpt-4o-mini", label: "GPT-4o mini", input_micro_usd_per_mtok: 150_000, output_micro_usd_per_mtok: 600_000, best_for: "many small questions" }] },
];

const kind = (key, label, summary, is_computed = false) => ({ key, label, summary, is_computed, settings_schema: {} });
export const columns = [kind("text", "Text", ""), kind("number", "Number", ""), kind("boolean", "Yes or no", ""), kind("date", "Date", ""), kind("url", "URL", ""), kind("email", "E-mail", ""), kind("select", "Select", ""), kind("json", "JSON", ""),
  kind("formula", "Formula", "JavaScript over other columns", true), kind("enrichment", "Enrichment", "One source per row", true), kind("waterfall", "Waterfall", "Sources in order until one answers", true), kind("ai", "AI", "A prompt per row", true), kind("rubric", "ICP rubric", "Points and reasons per row", true)];

let fieldNo = 0;
export function field(name, kind, more = {}) {
  fieldNo += 1;
  const id = uuid(7000 + fieldNo);
  return { id, ref: `f_${id.replaceAll("-", "")}`, no: fieldNo, name, kind, settings: {}, storage: "text", position: fieldNo, condition: null, auto_run: false, output_of: null, output_name: null,
    is_computed: ["formula", "enrichment", "waterfall", "ai", "rubric"].includes(kind), width: null, is_hidden: false, depends_on: [], ...more };
}

const CELL_STATES = ["done", "done", "done", "done", "done", "done", "no_data", "failed", "missing_input", "queued", "unknown", "over_budget"];

/** A CE table of `rows` invented companies. */
export function ceTable(id, workbook, rows) {
  const name = field("Company", "text");
  const domain = field("Domain", "text");
  const fields = [name, domain, field("Website", "url"), field("CEO", "text"), field("Employees", "number", { storage: "number" }), field("Revenue (USD)", "number", { storage: "number" }), field("Founded", "number", { storage: "number" }), field("City", "text")];
  const mail = field("Work e-mail", "waterfall", { depends_on: [domain.id], settings: { providers: ["apollo", "hunter", "email_pattern"] } });
  const score = field("ICP score", "rubric", { storage: "number", depends_on: [domain.id] });
  const reasons = field("ICP reasons", "text", { output_of: score.id, output_name: "reasons", is_computed: true });
  fields.push(mail, score, reasons);
  const records = Array.from({ length: rows }, (_, index) => {
    const c = company(index);
    const state = CELL_STATES[(index * 5) % CELL_STATES.length];
    const points = (index * 37) % 101;
    const [first, last] = c.ceo.toLowerCase().normalize("NFD").replace(/[^a-z ]/g, "").split(" ");
    const values = [c.name, c.domain, c.website, c.ceo, c.employees, c.revenue, c.founded, c.city, state === "done" ? `${first}.${last}@${c.domain.replace(".example.com", "")}.example` : null, points, `${c.employees > 5000 ? "+30 more than 5,000 employees" : "0 fewer than 5,000 employees"}; +${points % 50} in California`];
    return {
      row_id: String(index + 1),
      values: Object.fromEntries(fields.map((each, at) => [each.no, values[at] ?? null])),
      cells: { [mail.no]: { state, marks: state === "done" ? 1 : 0, note: state === "failed" ? "The source answered 500 three times." : null }, [score.no]: { state: "done", marks: 0 }, [reasons.no]: { state: "done", marks: 0 } },
    };
  });
  return { id, workbook_id: workbook.id, workbook_name: workbook.name, client_id: workbook.client_id, name: "Companies", kind: "ce", row_count: rows, version: 1, is_training: workbook.is_training, auto_run: false, fields, views: [{ id: uuid(6000), name: "All rows", filters: [], sorts: [], columns: [] }], active_runs: [], records };
}
