// What a dossier column begins from, for whom, when its dossiers are released, and where their people become rows.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useEffect, useState } from "react";
import { api } from "../../../api/client";
import { clientQuery, workbooksQuery } from "../../../api/queries";
import type { JsonObject, Table, Workbook } from "../../../api/types";
import { fittingInputs } from "../../../columns/answer";
import { LinkTo } from "../../../frame/LinkTo";
import { paths } from "../../../frame/paths";
import { Button } from "../../../shared/Button";
import { NumberField, SelectField } from "../../../shared/Field";
import { InlineError, Loaded, SkeletonRows } from "../../../shared/Placeholder";
import { GivenValue } from "./GivenValue";
import { textOf } from "./schema";
import { useSurroundings } from "./surroundings";
import styles from "./ColumnForm.module.css";

/** The settings that this part draws. */
export const DOSSIER_SETTINGS = ["company", "domain", "hint", "release_after_hours", "contacts_table_id"];

const SEEDS = [
  { name: "company", label: "Company" },
  { name: "domain", label: "Domain" },
  { name: "hint", label: "What to look for" },
];
const HOURS_AT_MOST = 24 * 365;

interface Props {
  value: JsonObject;
  onChange: (value: JsonObject) => void;
}

export function DossierFields({ value, onChange }: Props) {
  const { table, fields } = useSurroundings();
  const isNew = SEEDS.every(({ name }) => textOf(value[name]) === "");

  // A new column takes the columns that fit by name; one that has been set keeps what it has.
  useEffect(() => {
    if (!isNew) return;
    const fitting = fittingInputs([{ name: "company_name" }, { name: "domain" }], fields.map((field) => field.name));
    onChange({ ...value, company: fitting.company_name ?? "", domain: fitting.domain ?? "" });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only when the form opens
  }, []);

  return (
    <>
      <ForClient table={table} />
      <fieldset className={styles.inputs}>
        <legend>Begins from</legend>
        <p className={styles.hint}>At least one of them. A row where all of them are blank is not researched.</p>
        {SEEDS.map(({ name, label }) => (
          <GivenValue key={name} label={label} text={textOf(value[name])} onChange={(text) => onChange({ ...value, [name]: text })} />
        ))}
      </fieldset>
      <PeopleTable value={textOf(value.contacts_table_id)} onChange={(id) => onChange({ ...value, contacts_table_id: id })} />
      <NumberField
        label="Hold back for"
        suffix="hours"
        min={0}
        max={HOURS_AT_MOST}
        value={typeof value.release_after_hours === "number" && value.release_after_hours > 0 ? value.release_after_hours : null}
        placeholder="0"
        onChange={(hours) => onChange({ ...value, release_after_hours: hours ?? 0 })}
        hint="Until then only people who may release a dossier can read it."
      />
    </>
  );
}

function ForClient({ table }: { table: Table }) {
  const client = useQuery(clientQuery(table.client_id));
  return (
    <p className={styles.hint}>
      Researched for {client.data?.name ?? "this client"}, by <LinkTo to={paths.client(table.client_id)} className="link">its brief</LinkTo>.
      {table.is_training ? " In training mode the recorded example company is played back, and every value is marked simulated." : " Every row is a whole research run; the cost is shown before it begins."}
    </p>
  );
}

function PeopleTable({ value, onChange }: { value: string; onChange: (tableId: string) => void }) {
  const { table } = useSurroundings();
  const workbooks = useQuery(workbooksQuery(table.client_id));
  return (
    <Loaded query={workbooks} doing="load the tables" size="panel" skeleton={<SkeletonRows rows={1} height={40} />}>
      {({ data }) => <TableChoice workbooks={data} value={value} onChange={onChange} />}
    </Loaded>
  );
}

function TableChoice({ workbooks, value, onChange }: { workbooks: Workbook[]; value: string; onChange: (tableId: string) => void }) {
  const { table } = useSurroundings();
  const client = useQueryClient();
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const groups = workbooks.map((workbook) => ({
    group: workbook.name,
    options: workbook.tables.filter((each) => each.id !== table.id).map((each) => ({ value: each.id, label: each.name })),
  }));
  const isKnown = value === "" || groups.some(({ options }) => options.some((each) => each.value === value));
  async function make() {
    setIsBusy(true);
    setError(null);
    try {
      const made = await api.post<Table>(`/v3/workbooks/${table.workbook_id}/tables`, { name: newName(workbooks, table) });
      await client.invalidateQueries({ queryKey: ["workbooks"] });
      onChange(made.id);
    } catch (problem) {
      setError(problem);
    } finally {
      setIsBusy(false);
    }
  }
  return (
    <div className={styles.fields}>
      <SelectField
        label="Its people become rows of"
        value={value}
        onChange={onChange}
        placeholder="No table"
        hint="Columns for name, title, e-mail and so on are added there where they are missing."
        error={isKnown ? null : "This table is not there any more. Choose another."}
        options={[...(isKnown ? [] : [{ value, label: "A table that is gone" }]), ...groups.filter((each) => each.options.length > 0)]}
      />
      {value === "" && (
        <div>
          <Button size="small" icon={Plus} isBusy={isBusy} onClick={() => void make()}>Make a table “{newName(workbooks, table)}”</Button>
        </div>
      )}
      <InlineError error={error} />
    </div>
  );
}

/** A name that no table of the same workbook has yet. */
function newName(workbooks: Workbook[], table: Table): string {
  const taken = new Set(workbooks.find((each) => each.id === table.workbook_id)?.tables.map((each) => each.name));
  let name = "People";
  for (let number = 2; taken.has(name); number += 1) name = `People ${number}`;
  return name;
}
