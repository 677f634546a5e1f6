// Paid calls that went out and were never answered: a person decides what to book.
import { useMutation } from "@tanstack/react-query";
import { Check, RotateCw, X } from "lucide-react";
import { useState } from "react";
import { api } from "../../api/client";
import { useOnce } from "../../api/once";
import { queryClient } from "../../api/queries";
import type { ReconcileAction, UnknownCall } from "../../api/types";
import { LinkTo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { CopyId } from "../../shared/Copy";
import { ConfirmDialog } from "../../shared/Dialog";
import { Menu } from "../../shared/Menu";
import { Money } from "../../shared/Money";
import { Panel } from "../../shared/Panel";
import { SourceName, TaskName } from "../../shared/Source";
import { StateBadge } from "../../shared/StateBadge";
import { Table, type TableColumn } from "../../shared/Table";
import { Ago } from "../../shared/Time";
import { toastError } from "../../shared/Toast";

export function UnknownCalls({ calls, clientId }: { calls: UnknownCall[]; clientId?: string }) {
  const mayDecide = useMay("spend.reconcile");
  const once = useOnce();
  const [again, setAgain] = useState<UnknownCall | null>(null);
  async function reconcile(call: UnknownCall, action: ReconcileAction) {
    await once(`${call.call_id} ${action}`, (idempotencyKey) => api.post(`/v3/calls/${call.call_id}/reconcile`, { action }, { idempotencyKey }));
    for (const key of ["spend", "budgets", "runs"]) void queryClient.invalidateQueries({ queryKey: [key] });
  }
  const book = useMutation({
    mutationFn: ({ call, action }: { call: UnknownCall; action: ReconcileAction }) => reconcile(call, action),
    onError: (error) => toastError("book the call", error),
  });
  const columns: TableColumn<UnknownCall>[] = [
    { key: "state", heading: "State", width: 110, cell: () => <StateBadge state="unknown" /> },
    { key: "call", heading: "Call", cell: (call) => <><SourceName provider={call.provider} /> <TaskName provider={call.provider} capability={call.capability} /></> },
    {
      key: "where",
      heading: "Where",
      cell: (call) =>
        clientId && call.table_id ? (
          <LinkTo className="link" to={`${paths.table(clientId, call.table_id)}${call.field_id ? `?row=${call.row_id}&field=${call.field_id}` : ""}`}>
            Row {call.row_id}
          </LinkTo>
        ) : (
          <CopyId id={call.call_id} />
        ),
    },
    { key: "sent", heading: "Sent", width: 120, cell: (call) => <Ago at={call.intent_at} /> },
    { key: "held", heading: "Held back", isNumeric: true, width: 110, cell: (call) => <Money microUsd={call.reserved_micro_usd} /> },
    {
      key: "act",
      heading: "",
      width: 110,
      cell: (call) => (
        <Menu
          trigger={
            <Button size="small" disabled={!mayDecide} isBusy={book.isPending && book.variables.call === call}>
              Decide
            </Button>
          }
          minWidth={300}
          groups={[
            {
              actions: [
                { label: "It was charged", detail: "Book the amount as spent; the cell stays empty.", icon: Check, onSelect: () => book.mutate({ call, action: "mark_done" }) },
                { label: "It was not charged", detail: "Free the amount; the cell counts as failed.", icon: X, onSelect: () => book.mutate({ call, action: "mark_failed" }) },
                { label: "Ask again and pay again", detail: "May be charged a second time.", icon: RotateCw, isDanger: true, onSelect: () => setAgain(call) },
              ],
            },
          ]}
        />
      ),
    },
  ];
  return (
    <Panel title="Calls whose fate is unknown" hint="The request left, and the connection ended before an answer came. They are never repeated by themselves; check the source’s own bill, then decide." isFlush>
      <Table label="Unknown calls" rows={calls} columns={columns} rowKey={(call) => call.call_id} />
      <ConfirmDialog
        isOpen={again !== null}
        onClose={() => setAgain(null)}
        title="Ask again and pay again?"
        confirm="Ask again"
        priceMicroUsd={again?.reserved_micro_usd}
        onConfirm={() => (again ? reconcile(again, "retry_and_pay_again") : undefined)}
      >
        <p>The first call may have been charged already. If it was, this row is paid twice.</p>
      </ConfirmDialog>
    </Panel>
  );
}
