// Keys for programs: shown once, limited in what they may do and for how long.
import { useMutation, useQuery } from "@tanstack/react-query";
import { Plus, TerminalSquare, Trash2 } from "lucide-react";
import { useState } from "react";
import { api } from "../../api/client";
import { apiKeysQuery, queryClient } from "../../api/queries";
import type { ApiKey } from "../../api/types";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { CopyButton } from "../../shared/Copy";
import { ConfirmDialog, Drawer } from "../../shared/Dialog";
import { CheckboxField, Labelled, SelectField, TextField } from "../../shared/Field";
import { Notice, Panel } from "../../shared/Panel";
import { EmptyState, InlineError, Loaded } from "../../shared/Placeholder";
import { Table } from "../../shared/Table";
import { Ago, Timestamp } from "../../shared/Time";
import { Intro } from "./Intro";
import styles from "./Settings.module.css";

const SCOPES = [
  { value: "workbooks.read", label: "See workbooks" },
  { value: "workbooks.write", label: "Change tables" },
  { value: "workbooks.export", label: "Export tables" },
  { value: "clients.read", label: "See clients" },
  { value: "plans.read", label: "See plans" },
  { value: "plans.write", label: "Make plans" },
  { value: "runs.read", label: "See runs" },
  { value: "runs.start", label: "Start runs (spends)" },
  { value: "runs.stop", label: "Stop runs" },
  { value: "spend.read", label: "See spend" },
];

export function ApiKeys() {
  const query = useQuery(apiKeysQuery);
  const mayWrite = useMay("keys.write");
  const [isMaking, setIsMaking] = useState(false);
  const [revoked, setRevoked] = useState<ApiKey | null>(null);
  const make = mayWrite && (
    <Button look="primary" icon={Plus} onClick={() => setIsMaking(true)}>
      Make API key
    </Button>
  );
  return (
    <>
      <Intro title="API keys" action={query.data?.data.length ? make : undefined}>
        For programs that call the REST API, as “Authorization: Bearer …”. A key never approves, never signs in, and never reads other keys.
      </Intro>
      <Panel isFlush>
        <Loaded query={query} doing="load the API keys">
          {({ data }) =>
            data.length === 0 ? (
              <EmptyState icon={TerminalSquare} title="No API keys" action={make}>
                Make one for each program, so that each can be revoked alone.
              </EmptyState>
            ) : (
              <Table
                label="API keys"
                rows={data}
                rowKey={(key) => key.id}
                columns={[
                  { key: "name", heading: "Name", cell: (key) => <><b style={{ fontWeight: 500 }}>{key.name}</b>{key.prefix && <><br /><code className="muted">{key.prefix}…</code></>}</> },
                  { key: "scopes", heading: "May", cell: (key) => <span className="muted">{key.scopes.map((scope) => SCOPES.find((each) => each.value === scope)?.label ?? scope).join(", ")}</span> },
                  { key: "used", heading: "Last used", width: 110, cell: (key) => (key.last_used_at ? <Ago at={key.last_used_at} /> : <span className="faint">Never</span>) },
                  { key: "expires", heading: "Ends", width: 110, cell: (key) => (key.expires_at ? <Timestamp at={key.expires_at} look="day" /> : <span className="faint">Never</span>) },
                  { key: "act", heading: "", width: 48, cell: (key) => mayWrite && <Button look="quiet" size="small" icon={Trash2} aria-label={`Revoke ${key.name}`} onClick={() => setRevoked(key)} /> },
                ]}
              />
            )
          }
        </Loaded>
      </Panel>
      {isMaking && <Make onClose={() => setIsMaking(false)} />}
      <ConfirmDialog
        isOpen={revoked !== null}
        onClose={() => setRevoked(null)}
        title={`Revoke “${revoked?.name ?? ""}”?`}
        confirm="Revoke key"
        look="danger"
        onConfirm={async () => {
          await api.delete(`/v3/api-keys/${revoked?.id}`);
          await queryClient.invalidateQueries({ queryKey: ["api-keys"] });
        }}
      >
        <p>Programs that use it are refused from now on. It cannot be undone.</p>
      </ConfirmDialog>
    </>
  );
}

function Make({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [days, setDays] = useState("90");
  const [scopes, setScopes] = useState(["workbooks.read", "runs.read"]);
  const make = useMutation({
    mutationFn: () => api.post("/v3/api-keys", { name, scopes, expires_in_days: Number(days) }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["api-keys"] }),
  });
  const made = make.data?.key;
  return (
    <Drawer
      isOpen
      onClose={onClose}
      title={made ? "Copy the key now" : "Make API key"}
      width={460}
      footer={
        made ? (
          <Button look="primary" onClick={onClose}>
            I have copied it
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button look="primary" type="submit" form="make-key" isBusy={make.isPending} disabled={!name.trim() || scopes.length === 0}>
              Make key
            </Button>
          </>
        )
      }
    >
      {made ? (
        <div className={styles.form}>
          <Notice tone="attention">This is the only time it is shown. Only its fingerprint is stored.</Notice>
          <div className={styles.secret}>
            <code>{made}</code>
            <CopyButton text={made} label="Copy the key" />
          </div>
        </div>
      ) : (
        <form id="make-key" className={styles.form} onSubmit={(event) => { event.preventDefault(); make.mutate(); }}>
          <TextField label="Name" autoFocus required placeholder="Nightly export" value={name} onChange={setName} />
          <SelectField label="Ends after" value={days} onChange={setDays} options={["7", "30", "90", "365"].map((value) => ({ value, label: `${value} days` }))} />
          <Labelled label="It may">
            <div className={styles.scopes}>
              {SCOPES.map((scope) => (
                <CheckboxField
                  key={scope.value}
                  label={scope.label}
                  isOn={scopes.includes(scope.value)}
                  onChange={(isOn) => setScopes(isOn ? [...scopes, scope.value] : scopes.filter((each) => each !== scope.value))}
                />
              ))}
            </div>
          </Labelled>
          <InlineError error={make.error} />
        </form>
      )}
    </Drawer>
  );
}
