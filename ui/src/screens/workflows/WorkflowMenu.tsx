// What can be done with a workflow besides its next step: rename, label, share, export, archive, delete.
import { Archive, Download, Ellipsis, FileCode2, FileJson, MessageSquare, Pencil, Tag, Trash2, Users } from "lucide-react";
import { useState } from "react";
import type { WorkflowStatus } from "../../api/workflowTypes";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { Button } from "../../shared/Button";
import { ConfirmDialog } from "../../shared/Dialog";
import { download } from "../../shared/download";
import { Menu, type MenuAction } from "../../shared/Menu";
import { isUnderWay, mayEdit } from "./standing";
import { archive, remove, useChange, useEdit } from "./useActs";

interface Props {
  workflow: {
    id: string;
    name: string | null;
    is_mine: boolean;
    is_shared: boolean;
    current_version: { id: string; version: number; status: WorkflowStatus } | null;
    active_version: { id: string; version: number } | null;
  };
  mayWrite: boolean;
  onRename: () => void;
  onLabel: () => void;
  onDeleted?: () => void;
}

export function WorkflowMenu({ workflow, mayWrite, onRename, onLabel, onDeleted }: Props) {
  const [asking, setAsking] = useState<"archive" | "delete" | null>(null);
  const go = useGo();
  const change = useChange(workflow.id);
  const edit = useEdit(workflow.id);
  const { current_version: current, active_version: active } = workflow;
  const isMine = workflow.is_mine && mayWrite;
  const exported = active ?? (current && ["pending_user_approval", "approved", "archived"].includes(current.status) ? current : null);
  const words: MenuAction[] = isMine
    ? [
        { label: "Rename", icon: Pencil, onSelect: onRename },
        { label: "Label", icon: Tag, onSelect: onLabel },
        {
          label: workflow.is_shared ? "Stop sharing" : "Share in this account",
          icon: Users,
          detail: workflow.is_shared ? "Only you run it then" : "Others see the script and may run it",
          onSelect: () => change.mutate({ is_shared: !workflow.is_shared }),
        },
      ]
    : [];
  const making: MenuAction[] = [
    ...(isMine && mayEdit(workflow) ? [{ label: "Edit", icon: MessageSquare, detail: "The next version, in the same conversation", onSelect: () => edit.mutate() }] : []),
    ...(isMine && isUnderWay(workflow) ? [{ label: "Continue in the Builder", icon: MessageSquare, onSelect: () => go(paths.builder(workflow.id)) }] : []),
  ];
  const address = `/api/workflows/${workflow.id}/versions/${exported?.id}`;
  const exports: MenuAction[] = exported
    ? [
        { label: "Export as a .py file", icon: FileCode2, detail: "Runs anywhere, without Spadework", onSelect: () => download(`${address}/script.py`) },
        { label: "Export as workflow.json", icon: FileJson, detail: "For spadework run-workflow", onSelect: () => download(`${address}/workflow.json`) },
      ]
    : [];
  const away: MenuAction[] = isMine
    ? [
        ...(current?.status === "archived" && !active ? [] : [{ label: "Archive", icon: Archive, onSelect: () => setAsking("archive") }]),
        { label: "Delete", icon: Trash2, isDanger: true, onSelect: () => setAsking("delete") },
      ]
    : [];
  const groups = [{ actions: making }, { actions: words }, { actions: exports }, { actions: away }];
  if (groups.every((group) => group.actions.length === 0)) return null;
  const name = workflow.name ?? "this workflow";
  return (
    <>
      <Menu minWidth={250} groups={groups} trigger={<Button look="quiet" icon={isMine ? Ellipsis : Download} aria-label={`More for ${name}`} />} />
      <ConfirmDialog isOpen={asking === "archive"} onClose={() => setAsking(null)} title={`Archive ${name}?`} confirm="Archive" look="danger" onConfirm={() => archive(workflow.id)}>
        <p>It leaves the list and nobody can run it. Its scripts, conversation and history can still be read and exported. Edit takes it up again, with a next version to approve.</p>
      </ConfirmDialog>
      <ConfirmDialog
        isOpen={asking === "delete"}
        onClose={() => setAsking(null)}
        title={`Delete ${name}?`}
        confirm="Delete"
        look="danger"
        onConfirm={async () => {
          await remove(workflow.id);
          onDeleted?.();
        }}
      >
        <p>All its versions, the conversation and the run history go with it{workflow.is_shared ? ", also for everybody it is shared with" : ""}. This cannot be undone; to keep a copy, export the script first.</p>
      </ConfirmDialog>
    </>
  );
}
