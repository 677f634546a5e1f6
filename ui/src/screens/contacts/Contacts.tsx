// The people research found: growing while a run works, one of each dossier the primary one.
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Star, Users } from "lucide-react";
import { clientQuery, contactsQuery, dossiersQuery } from "../../api/queries";
import type { Contact } from "../../api/types";
import { useCrumbs } from "../../frame/crumbs";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { Initial } from "../../frame/Rail";
import { useMay } from "../../frame/session";
import { useUrlState } from "../../frame/urlState";
import { Button } from "../../shared/Button";
import { CheckboxField, SearchField, SelectField } from "../../shared/Field";
import { ago, counted } from "../../shared/format";
import { SimulatedMark } from "../../shared/Marks";
import { Page, Panel } from "../../shared/Panel";
import { EmptyState, Loaded } from "../../shared/Placeholder";
import { StateBadge } from "../../shared/StateBadge";
import { Table, type TableColumn } from "../../shared/Table";
import { Ago } from "../../shared/Time";
import { ConfidenceMark } from "../claims/ClaimMarks";
import { useAnyRunNews, useRunNews } from "../dossiers/useRunNews";
import { ContactDrawer } from "./ContactDrawer";
import { VerifiedMark } from "./ContactMarks";
import styles from "./Contacts.module.css";

const VERIFIED = [
  { value: "yes", label: "Verified address" },
  { value: "found", label: "Any address" },
  { value: "none", label: "No address" },
];

export function Contacts() {
  const { clientId } = useParams({ from: "/inside/c/$clientId/contacts" });
  const [run, setRun] = useUrlState("run");
  const [search, setSearch] = useUrlState("search");
  const [address, setAddress] = useUrlState("address");
  const [primary, setPrimary] = useUrlState("primary");
  const [opened, setOpened] = useUrlState("contact");
  const client = useQuery(clientQuery(clientId));
  const dossiers = useQuery(dossiersQuery({ client_id: clientId }));
  const query = useQuery(
    contactsQuery({
      client_id: run ? undefined : clientId,
      run_id: run || undefined,
      is_primary: primary ? true : undefined,
      is_verified: address === "yes" ? true : undefined,
      has_email: address === "found" ? true : address === "none" ? false : undefined,
      search,
    }),
  );
  useAnyRunNews("contacts", "dossiers");
  useRunNews(run || null, "contacts");
  const go = useGo();
  const mayStart = useMay("runs.start");
  useCrumbs([{ label: client.data?.name ?? "…", to: paths.workbooks(clientId) }, { label: "Contacts" }]);
  const known = dossiers.data?.data ?? [];
  const working = new Set(known.filter((each) => each.status === "skeleton" || each.status === "enriching").map((each) => each.run_id));
  const isFiltered = Boolean(run || search || address || primary);
  const clear = () => {
    for (const set of [setRun, setSearch, setAddress, setPrimary]) set("");
  };
  return (
    <Page title="Contacts" subtitle={<span>Who decides, who knows whom, and how to reach them. {query.data && counted(query.data.data.length, "person", "people")}{query.data?.next_cursor ? " or more" : ""}</span>}>
      <div className={styles.filters}>
        <SearchField name="Search contacts" placeholder="Name, title or company" value={search} onChange={setSearch} />
        <SelectField
          name="Dossier"
          value={run}
          onChange={setRun}
          placeholder="Every dossier"
          options={known.map((each) => ({ value: each.run_id, label: `${each.company_name ?? "A dossier just begun"}, ${ago(each.created_at)}` }))}
        />
        <SelectField name="E-mail" value={address} onChange={setAddress} placeholder="With or without address" options={VERIFIED} />
        <CheckboxField label="Primary only" isOn={primary !== ""} onChange={(isOn) => setPrimary(isOn ? "yes" : "")} />
      </div>
      <Panel isFlush>
        <Loaded query={query} doing="load the contacts">
          {({ data }) => {
            if (data.length > 0) {
              return (
                <Table
                  label="Contacts"
                  rows={data}
                  columns={columns(working)}
                  rowKey={(contact) => contact.id}
                  onOpen={(contact) => setOpened(contact.id)}
                  isSelected={(contact) => contact.id === opened}
                />
              );
            }
            if (isFiltered) {
              return (
                <EmptyState title="Nobody matches" action={<Button onClick={clear}>Show everybody</Button>}>
                  {working.size > 0 ? "A run is still looking for people; they show here one by one." : "Choose another dossier, or other words."}
                </EmptyState>
              );
            }
            return (
              <EmptyState icon={Users} title="Nobody yet" action={mayStart && <Button look="primary" onClick={() => go(paths.pipeline(clientId))}>Make a dossier</Button>}>
                A dossier’s run finds three to ten people and enriches them side by side. They show here one by one while it works.
              </EmptyState>
            );
          }}
        </Loaded>
      </Panel>
      <ContactDrawer contactId={opened || null} clientId={clientId} onClose={() => setOpened("")} />
    </Page>
  );
}

function columns(working: Set<string>): TableColumn<Contact>[] {
  return [
    {
      key: "person",
      heading: "Person",
      cell: (contact) => (
        <span className={styles.person}>
          <Initial name={contact.name || "?"} size={28} />
          <span>
            <b>
              {contact.name}
              {contact.is_primary && <Star size={13} className={styles.star} aria-label="Primary contact" fill="currentColor" />}
              {contact.is_simulated && <SimulatedMark look="hatch" />}
            </b>
            <small>{contact.title}</small>
          </span>
        </span>
      ),
    },
    {
      key: "company",
      heading: "Company",
      width: 200,
      cell: (contact) => (
        <span className={styles.stack}>
          {contact.organization ?? "–"}
          {contact.company_name && contact.company_name !== contact.organization && <small>for {contact.company_name}</small>}
        </span>
      ),
    },
    { key: "reach", heading: "E-mail and phone", width: 220, cell: (contact) => <Reach contact={contact} isWorking={working.has(contact.run_id)} /> },
    { key: "why", heading: "Why they matter", isSecondary: true, cell: (contact) => <span className="muted">{contact.why_they_matter ?? "–"}</span> },
    { key: "confidence", heading: "Confidence", width: 110, isSecondary: true, cell: (contact) => <ConfidenceMark confidence={contact.confidence} /> },
    { key: "changed", heading: "Changed", width: 100, isSecondary: true, cell: (contact) => <Ago at={contact.updated_at} className="muted" /> },
  ];
}

function Reach({ contact, isWorking }: { contact: Contact; isWorking: boolean }) {
  if (contact.error) return <StateBadge state="failed" look="plain" word="Not enriched" note={contact.error} />;
  if (isWorking && !contact.bio && !contact.email) return <StateBadge state="running" look="plain" word="Being enriched" note="Pages about this person are being read." />;
  return (
    <span className={styles.reach}>
      {contact.email && <span className={styles.value}>{contact.email}</span>}
      {contact.phone && <span className={styles.value}>{contact.phone}</span>}
      <VerifiedMark contact={contact} />
    </span>
  );
}
