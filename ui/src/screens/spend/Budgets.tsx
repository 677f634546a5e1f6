// Budgets: limits that cannot be overspent, from the whole account down to one run.
import { useMutation, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { Pencil, Plus, Trash2, Wallet } from "lucide-react";
import { useState } from "react";
import { api } from "../../api/client";
import { clientsQuery, queryClient } from "../../api/queries";
import type { Budget, BudgetScope, Page, Workbook } from "../../api/types";
import { useMay, useSession } from "../../frame/session";
import { Button } from "../../shared/Button";
import { ConfirmDialog, Drawer } from "../../shared/Dialog";
import { MoneyField, SelectField } from "../../shared/Field";
import { money, words } from "../../shared/format";
import { Money } from "../../shared/Money";
import { Panel } from "../../shared/Panel";
import { EmptyState, InlineError, Loaded, SkeletonRows } from "../../shared/Placeholder";
import { Table, type TableColumn } from "../../shared/Table";
import { BudgetBar } from "./BudgetBar";

interface Props {
  query: UseQueryResult<Page<Budget>>;
  clientId?: string;
  workbooks?: Workbook[];
}

interface Target {
  scope: BudgetScope;
  scope_id: string;
  name: string;
}

const refresh = () => {
  for (const key of ["budgets", "clients", "client"]) void queryClient.invalidateQueries({ queryKey: [key] });
};

export function Budgets({ query, clientId, workbooks }: Props) {
  const [edited, setEdited] = useState<Budget | "new" | null>(null);
  const [removed, setRemoved] = useState<Budget | null>(null);
  const mayWrite = useMay("budgets.write");
  const columns: TableColumn<Budget>[] = [
    { key: "name", heading: "For", cell: (budget) => <b style={{ fontWeight: 500 }}>{budget.name ?? "–"}</b> },
    { key: "scope", heading: "Level", width: 110, cell: (budget) => <span className="muted">{words(budget.scope)}</span> },
    { key: "bar", heading: "Used", width: 230, cell: (budget) => <BudgetBar budget={budget} /> },
    { key: "spent", heading: "Spent", isNumeric: true, width: 100, cell: (budget) => <Money microUsd={budget.spent_micro_usd} /> },
    { key: "reserved", heading: "Reserved", isNumeric: true, width: 100, isSecondary: true, cell: (budget) => <Money microUsd={budget.reserved_micro_usd} /> },
    {
      key: "act",
      heading: "",
      width: 84,
      cell: (budget) =>
        mayWrite && (
          <span style={{ display: "flex", justifyContent: "flex-end" }}>
            <Button look="quiet" size="small" icon={Pencil} aria-label={`Change the budget of ${budget.name}`} onClick={() => setEdited(budget)} />
            <Button look="quiet" size="small" icon={Trash2} aria-label={`Remove the budget of ${budget.name}`} onClick={() => setRemoved(budget)} />
          </span>
        ),
    },
  ];
  return (
    <Panel
      title="Budgets"
      hint="A call leaves only if it fits in every budget above it, so none can be overspent."
      isFlush
      actions={
        mayWrite && (
          <Button size="small" icon={Plus} onClick={() => setEdited("new")}>
            Set budget
          </Button>
        )
      }
    >
      <Loaded query={query} doing="load the budgets" size="panel" skeleton={<SkeletonRows rows={3} />}>
        {({ data }) =>
          data.length > 0 ? (
            <Table label="Budgets" rows={data} columns={columns} rowKey={(budget) => budget.id} />
          ) : (
            <EmptyState icon={Wallet} size="panel" title="No budget is set">
              Without one, only each run’s own confirmation limits what is spent.
            </EmptyState>
          )
        }
      </Loaded>
      {edited && <BudgetForm budget={edited === "new" ? null : edited} known={query.data?.data ?? []} clientId={clientId} workbooks={workbooks} onClose={() => setEdited(null)} />}
      <ConfirmDialog
        isOpen={removed !== null}
        onClose={() => setRemoved(null)}
        title={`Remove the budget of ${removed?.name ?? ""}?`}
        confirm="Remove budget"
        look="danger"
        onConfirm={async () => {
          await api.delete(`/v3/budgets/${removed?.id}`);
          refresh();
        }}
      >
        <p>The limit of {money(removed?.limit_micro_usd ?? 0)} no longer holds. What was spent stays on the books.</p>
      </ConfirmDialog>
    </Panel>
  );
}

interface FormProps {
  budget: Budget | null;
  known: Budget[];
  clientId?: string;
  workbooks?: Workbook[];
  onClose: () => void;
}

function BudgetForm({ budget, known, clientId, workbooks = [], onClose }: FormProps) {
  const { account } = useSession();
  const clients = useQuery(clientsQuery);
  const targets: Target[] = budget
    ? [{ scope: budget.scope, scope_id: budget.scope_id, name: budget.name ?? words(budget.scope) }]
    : [
        { scope: "account", scope_id: account.id, name: account.name },
        ...(clients.data?.data ?? []).map((client): Target => ({ scope: "client", scope_id: client.id, name: client.name })),
        ...workbooks.map((workbook): Target => ({ scope: "workbook", scope_id: workbook.id, name: workbook.name })),
        ...workbooks.flatMap((workbook) => workbook.tables.map((table): Target => ({ scope: "table", scope_id: table.id, name: `${workbook.name} › ${table.name}` }))),
      ];
  const key = (target: Target) => `${target.scope}:${target.scope_id}`;
  const first = budget ? targets[0] : (targets.find((target) => target.scope_id === clientId) ?? targets[0]);
  const [picked, setPicked] = useState(first ? key(first) : "");
  const [limit, setLimit] = useState<number | null>(budget?.limit_micro_usd ?? null);
  const target = targets.find((each) => key(each) === picked);
  const existing = known.find((each) => each.scope === target?.scope && each.scope_id === target?.scope_id);
  const save = useMutation({
    mutationFn: (wanted: { target: Target; limit: number }) => api.put("/v3/budgets", { scope: wanted.target.scope, scope_id: wanted.target.scope_id, limit_micro_usd: wanted.limit }),
    onSuccess: () => {
      refresh();
      onClose();
    },
  });
  const groups = (["account", "client", "workbook", "table"] as const)
    .map((scope) => ({ group: words(scope), options: targets.filter((each) => each.scope === scope).map((each) => ({ value: key(each), label: each.name })) }))
    .filter((group) => group.options.length > 0);
  const spent = (budget ?? existing)?.spent_micro_usd ?? 0;
  return (
    <Drawer
      isOpen
      onClose={onClose}
      width={420}
      title={budget ? `Budget of ${budget.name}` : "Set budget"}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" isBusy={save.isPending} disabled={limit === null || !target} onClick={() => target && limit !== null && save.mutate({ target, limit })}>
            Save budget
          </Button>
        </>
      }
    >
      <div style={{ display: "flex", flexDirection: "column", gap: 16 }}>
        {!budget && <SelectField label="For" value={picked} onChange={setPicked} options={groups} />}
        <MoneyField
          label="Limit"
          autoFocus
          microUsd={limit}
          onChange={setLimit}
          hint={
            limit !== null && limit < spent
              ? `${money(spent)} are spent already, so nothing paid will run until the limit is above that.`
              : `${money(spent)} spent so far. Free and simulated work is not counted.`
          }
        />
        <InlineError error={save.error} />
      </div>
    </Drawer>
  );
}
