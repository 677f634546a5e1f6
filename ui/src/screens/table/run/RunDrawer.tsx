// Before a run: which columns and rows, what it will cost against which budgets, and what stands in the way.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { CircleAlert, Play, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { api, ApiError } from "../../../api/client";
import type { Estimate, RunMode, Table } from "../../../api/types";
import { Button } from "../../../shared/Button";
import { ConfirmDialog, Drawer } from "../../../shared/Dialog";
import { CheckboxField, MoneyField, NumberField, SelectField, SwitchField } from "../../../shared/Field";
import { count, counted, isTrainingRemark, money, words } from "../../../shared/format";
import { Notice } from "../../../shared/Panel";
import { InlineError, Skeleton } from "../../../shared/Placeholder";
import { fieldIcon } from "../kinds";
import { MODE_WORDS, runWords, toRequest, type RunDraft } from "./request";
import styles from "./RunDrawer.module.css";

interface Props {
  table: Table;
  draft: RunDraft;
  onChange: (draft: RunDraft) => void;
  onRun: (draft: RunDraft) => Promise<void>;
  onClose: () => void;
}

export function RunDrawer({ table, draft, onChange, onRun, onClose }: Props) {
  const [isSure, setIsSure] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const { budget_micro_usd: _limit, ...asked } = toRequest(draft);
  const estimate = useQuery({
    queryKey: ["estimate", table.id, asked],
    queryFn: ({ signal }) => api.post<Estimate>(`/v3/tables/${table.id}/estimate`, asked, { signal }),
    enabled: draft.fieldIds.length > 0,
    staleTime: 5_000,
    placeholderData: keepPreviousData,
  });
  const found = draft.fieldIds.length > 0 ? estimate.data : undefined;
  const isBlocked = !found || estimate.isPlaceholderData || found.blockers.length > 0 || found.rows === 0 || draft.fieldIds.length === 0;
  const runTitle = runWords(draft, found);

  async function run() {
    setIsBusy(true);
    setError(null);
    try {
      await onRun(draft);
    } catch (problem) {
      setError(problem);
      throw problem;
    } finally {
      setIsBusy(false);
    }
  }

  const modes: RunMode[] = ["first_n", "empty", "failed", "all", "force"];
  if (draft.rowIds.length > 0) modes.unshift(draft.mode === "cell" ? "cell" : "selected");
  const computed = table.fields.filter((field) => field.is_computed && field.output_of === null);

  return (
    <Drawer
      isOpen
      onClose={onClose}
      title="Run columns"
      subtitle={table.is_training ? "Training mode: vendors are simulated and cost nothing" : undefined}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            icon={Play}
            isBusy={isBusy}
            disabled={isBlocked}
            priceMicroUsd={found?.expected_micro_usd}
            onClick={() => (found?.needs_confirmation ? setIsSure(true) : void run().catch(() => undefined))}
          >
            {runTitle}
          </Button>
        </>
      }
    >
      <div className={styles.form}>
        <fieldset className={styles.columns}>
          <legend>Columns</legend>
          {computed.map((field) => {
            const Icon = fieldIcon(field);
            return (
              <CheckboxField
                key={field.id}
                isOn={draft.fieldIds.includes(field.id)}
                onChange={(isOn) => onChange({ ...draft, fieldIds: isOn ? [...draft.fieldIds, field.id] : draft.fieldIds.filter((id) => id !== field.id) })}
                label={<span className={styles.column}><Icon size={14} aria-hidden /> {field.name}</span>}
              />
            );
          })}
        </fieldset>
        <div className={styles.which}>
          <SelectField
            label="Rows"
            value={draft.mode}
            onChange={(mode) => onChange({ ...draft, mode: mode as RunMode })}
            options={modes.map((mode) => ({ value: mode, label: mode === "selected" ? `${MODE_WORDS.selected} (${count(draft.rowIds.length)})` : MODE_WORDS[mode] }))}
          />
          {draft.mode === "first_n" && <NumberField label="How many" min={1} max={1_000_000} value={draft.firstN} onChange={(firstN) => onChange({ ...draft, firstN: firstN ?? 1 })} />}
        </div>
        {draft.mode === "force" && (
          <Notice tone="attention" icon={<TriangleAlert size={15} aria-hidden />}>
            Values that are there already are computed again, and paid for again where a source charges.
          </Notice>
        )}
        <SwitchField label="Also run the columns that read these" hint="Only in rows where their inputs change." isOn={draft.withDependants} onChange={(withDependants) => onChange({ ...draft, withDependants })} />
        <MoneyField label="Stop when this run has spent" aside="optional" microUsd={draft.budgetMicroUsd} onChange={(budgetMicroUsd) => onChange({ ...draft, budgetMicroUsd })} />
        {estimate.isError ? <InlineError error={estimate.error} /> : <Costs estimate={found} isOld={estimate.isPlaceholderData} hasColumns={draft.fieldIds.length > 0} />}
        {error !== null && <InlineError error={error} />}
        {error instanceof ApiError && error.status === 402 && typeof error.details.missing_micro_usd === "number" && (
          <p className="muted">{money(error.details.missing_micro_usd)} more is needed in that budget.</p>
        )}
      </div>
      <ConfirmDialog
        isOpen={isSure}
        onClose={() => setIsSure(false)}
        title={`${runTitle} in ${table.name}?`}
        confirm={runTitle}
        priceMicroUsd={found?.expected_micro_usd}
        onConfirm={run}
      >
        {found && (
          <p>
            {counted(found.fields.length, "column")}, about {money(found.expected_micro_usd)} and at most {money(found.worst_micro_usd)}. It can be stopped at any time; what was paid by then is kept.
          </p>
        )}
      </ConfirmDialog>
    </Drawer>
  );
}

function Costs({ estimate, isOld, hasColumns }: { estimate: Estimate | undefined; isOld: boolean; hasColumns: boolean }) {
  if (!hasColumns) return <p className="muted">Choose at least one column to see the cost.</p>;
  if (!estimate) return <Skeleton height={120} />;
  return (
    <section className={styles.costs} data-old={isOld || undefined} aria-live="polite" aria-busy={isOld}>
      <table>
        <thead>
          <tr>
            <th>Column</th>
            <th>Rows</th>
            <th>A row</th>
            <th>About</th>
            <th>At most</th>
          </tr>
        </thead>
        <tbody>
          {estimate.fields.map((field) => (
            <tr key={field.field_id}>
              <td>
                {field.name}
                {field.provider && <small>{field.provider}</small>}
                {field.warnings.filter((warning) => !isTrainingRemark(warning)).map((warning) => (
                  <small key={warning} className={styles.warning}>{warning}</small>
                ))}
              </td>
              <td>{count(field.rows)}</td>
              <td>{price(field.price_micro_usd_per_row)}</td>
              <td>{price(field.expected_micro_usd)}</td>
              <td>{price(field.worst_micro_usd)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <td>All</td>
            <td>{count(estimate.rows)}</td>
            <td />
            <td>{price(estimate.expected_micro_usd)}</td>
            <td>{price(estimate.worst_micro_usd)}</td>
          </tr>
        </tfoot>
      </table>
      {estimate.rows === 0 && estimate.blockers.length === 0 && <Notice icon={<CircleAlert size={15} aria-hidden />}>No row needs this: all of them are done. Choose other rows, or run all again.</Notice>}
      {estimate.budgets.length > 0 && (
        <ul className={styles.budgets}>
          {estimate.budgets.map((budget) => (
            <li key={budget.scope} data-short={!budget.fits || undefined}>
              <span>{words(budget.scope)} budget</span>
              <span>{budget.fits ? `${money(budget.left_micro_usd)} left` : `only ${money(budget.left_micro_usd)} left: it will stop when that is spent`}</span>
            </li>
          ))}
        </ul>
      )}
      {estimate.blockers.map((blocker) => (
        <Notice key={blocker.field_id + blocker.message} tone="failed" icon={<CircleAlert size={15} aria-hidden />}>{blocker.message}</Notice>
      ))}
    </section>
  );
}

function price(microUsd: number): string {
  return microUsd === 0 ? "free" : money(microUsd);
}
