// What can be done with a dossier: print, export, release, archive, and look at the run that made it.
import { useMutation } from "@tanstack/react-query";
import { Archive, Download, FileCode2, FileJson, FileText, FileType2, MoreHorizontal, Printer, Quote, Unlock, Users, Workflow } from "lucide-react";
import { useState } from "react";
import { api } from "../../api/client";
import { queryClient } from "../../api/queries";
import type { Dossier } from "../../api/types";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { ConfirmDialog } from "../../shared/Dialog";
import { download } from "../../shared/download";
import { Menu } from "../../shared/Menu";
import { toast, toastError } from "../../shared/Toast";

const FORMATS = [
  { format: "pdf", label: "PDF", icon: FileType2, detail: "For paper and for sending on" },
  { format: "html", label: "HTML", icon: FileCode2, detail: "One page with every quote" },
  { format: "markdown", label: "Markdown", icon: FileText, detail: "For a wiki or a note" },
  { format: "json", label: "JSON", icon: FileJson, detail: "Everything, for programs" },
];

export function DossierActions({ dossier }: { dossier: Dossier }) {
  const [isArchiving, setIsArchiving] = useState(false);
  const go = useGo();
  const mayWrite = useMay("research.write");
  const mayExport = useMay("research.export");
  const release = useMutation({
    mutationFn: () => api.post(`/v2/dossiers/${dossier.id}/release`),
    onSuccess: () => {
      refresh(dossier.id);
      toast({ tone: "done", title: "Released", body: "Everybody of the account may read and export it now." });
    },
    onError: (error) => toastError("release the dossier", error),
  });
  const isHeld = dossier.status === "ready" && !dossier.released_at;
  const isReadable = Boolean(dossier.released_at);
  return (
    <>
      {isHeld && mayWrite && (
        <Button look="primary" icon={Unlock} isBusy={release.isPending} onClick={() => release.mutate()}>
          Release now
        </Button>
      )}
      <Button icon={Printer} aria-label="Print" onClick={() => window.print()} />
      {mayExport && (
        <Menu
          minWidth={230}
          trigger={
            <Button icon={Download} disabled={!isReadable} title={isReadable ? undefined : isHeld ? "Release it first; it is held back." : "It can be exported once it is ready."}>
              Export
            </Button>
          }
          groups={[
            {
              heading: "Export as",
              actions: FORMATS.map(({ format, label, icon, detail }) => ({ label, icon, detail, onSelect: () => download(`/v2/dossiers/${dossier.id}/export?format=${format}`) })),
            },
          ]}
        />
      )}
      <Menu
        trigger={<Button icon={MoreHorizontal} aria-label="More" />}
        groups={[
          {
            actions: [
              { label: "Its run, step by step", icon: Workflow, onSelect: () => go(paths.pipelineRun(dossier.client_id, dossier.run_id)) },
              { label: "Its claims", icon: Quote, onSelect: () => go(paths.claims(dossier.client_id, dossier.run_id)) },
              { label: "Its contacts", icon: Users, onSelect: () => go(paths.contacts(dossier.client_id, dossier.run_id)) },
            ],
          },
          { actions: mayWrite && dossier.status !== "archived" ? [{ label: "Archive", icon: Archive, isDanger: true, onSelect: () => setIsArchiving(true) }] : [] },
        ]}
      />
      <ConfirmDialog
        isOpen={isArchiving}
        onClose={() => setIsArchiving(false)}
        title={`Archive ${dossier.company_name ?? "this dossier"}?`}
        confirm="Archive"
        look="danger"
        onConfirm={async () => {
          await api.post(`/v2/dossiers/${dossier.id}/archive`);
          refresh(dossier.id);
        }}
      >
        <p>It leaves the list and cannot be made ready again. Its claims, contacts and what was spent for it stay.</p>
      </ConfirmDialog>
    </>
  );
}

function refresh(dossierId: string): void {
  void queryClient.invalidateQueries({ queryKey: ["dossier", dossierId] });
  void queryClient.invalidateQueries({ queryKey: ["dossiers"] });
}
