// One provider's or model service's key: typed in, tested, removed; what is stored never comes back.
import { useMutation } from "@tanstack/react-query";
import { Check, PlugZap, Trash2, X } from "lucide-react";
import { useState } from "react";
import { api } from "../../api/client";
import { useOnce } from "../../api/once";
import { queryClient } from "../../api/queries";
import type { Credential, CredentialKind, KeyField, LlmModel } from "../../api/types";
import { Button } from "../../shared/Button";
import { ConfirmDialog, Drawer } from "../../shared/Dialog";
import { SelectField, TextField } from "../../shared/Field";
import { words } from "../../shared/format";
import { InlineError } from "../../shared/Placeholder";
import { toast } from "../../shared/Toast";
import styles from "./Settings.module.css";

interface Props {
  kind: CredentialKind;
  name: string;
  label: string;
  fields: KeyField[];
  credential?: Credential;
  docsUrl?: string;
  takesBaseUrl?: boolean;
  takesPrice?: boolean;
  models?: LlmModel[];
  onClose: () => void;
}

const refresh = () => {
  for (const key of ["credentials", "catalog"]) void queryClient.invalidateQueries({ queryKey: [key] });
};

export function CredentialDrawer({ kind, name, label, fields, credential, docsUrl, takesBaseUrl, takesPrice, models, onClose }: Props) {
  const path = `/v3/credentials/${kind as string}/${name}` as const;
  const [values, setValues] = useState<Record<string, string>>({});
  const [baseUrl, setBaseUrl] = useState(credential?.base_url ?? "");
  const [price, setPrice] = useState(credential?.usd_per_credit?.toString() ?? "");
  const [model, setModel] = useState(models?.[0]?.id ?? "");
  const [isRemoving, setIsRemoving] = useState(false);
  const filled = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
  const isPriceOdd = price !== "" && !/^\d+(\.\d+)?$/.test(price);
  const isChanged = Object.keys(filled).length > 0 || baseUrl !== (credential?.base_url ?? "") || price !== (credential?.usd_per_credit?.toString() ?? "");
  // Without a secret there is nothing that has to be typed.
  const isOpenToAll = !fields.some((field) => field.is_secret);
  const save = useMutation({
    mutationFn: () =>
      api.put(path, {
        values: filled,
        ...(takesBaseUrl && { base_url: baseUrl.trim() || null }),
        ...(takesPrice && { usd_per_credit: price === "" ? null : Number(price) }),
      }),
    onSuccess: () => {
      setValues({});
      refresh();
      toast({ tone: "done", title: isOpenToAll ? `${label} connected` : `Key for ${label} stored`, body: "Test the connection to be sure it works." });
    },
  });
  const once = useOnce();
  const test = useMutation({
    mutationFn: () => once(model, (idempotencyKey) => api.post(`${path}/test` as const, model ? { model } : {}, { idempotencyKey })),
    onSuccess: refresh,
  });
  return (
    <Drawer
      isOpen
      onClose={onClose}
      title={label}
      subtitle={
        docsUrl && (
          <a className="link" href={docsUrl} target="_blank" rel="noreferrer noopener">
            Where to find the key
          </a>
        )
      }
      width={480}
      footer={
        <>
          {credential && (
            <Button look="danger" icon={Trash2} onClick={() => setIsRemoving(true)} style={{ marginRight: "auto" }}>
              Remove
            </Button>
          )}
          <Button onClick={onClose}>Close</Button>
          <Button look="primary" form="credential" type="submit" isBusy={save.isPending} disabled={(!isChanged && !(isOpenToAll && !credential)) || isPriceOdd}>
            {credential ? "Save" : isOpenToAll ? "Connect" : "Store key"}
          </Button>
        </>
      }
    >
      <form id="credential" className={styles.form} autoComplete="off" onSubmit={(event) => { event.preventDefault(); save.mutate(); }}>
        {fields.map((field, index) => (
          <TextField
            key={field.name}
            label={field.label}
            type={field.is_secret === false ? "text" : "password"}
            autoComplete="new-password"
            autoFocus={index === 0 && !credential}
            spellCheck={false}
            value={values[field.name] ?? ""}
            placeholder={credential && (field.is_secret !== false && credential.last_four ? `•••• ${credential.last_four} is stored; type to replace it` : "Type to replace what is stored")}
            onChange={(value) => setValues({ ...values, [field.name]: value })}
          />
        ))}
        {takesBaseUrl && (
          <TextField
            label="Address"
            aside="optional"
            type="url"
            isMono
            value={baseUrl}
            onChange={setBaseUrl}
            placeholder="The service’s own"
            hint="For any compatible server, yours too: the part before /chat/completions, such as http://127.0.0.1:11434/v1."
          />
        )}
        {takesPrice && (
          <TextField label="What a credit costs you" aside="optional" prefix="$" inputMode="decimal" value={price} onChange={setPrice} placeholder="List price"
            error={isPriceOdd ? "Write an amount in dollars, like 0.02." : null} hint="By your contract; estimates and budgets then count with it." />
        )}
        <InlineError error={save.error} />
      </form>
      {credential && (
        <section className={styles.form} style={{ marginTop: 24 }}>
          <h3>Test connection</h3>
          {models && models.length > 0 && <SelectField label="With the model" value={model} onChange={setModel} options={models.map((each) => ({ value: each.id, label: each.label }))} />}
          <div>
            <Button icon={PlugZap} isBusy={test.isPending} disabled={Object.keys(filled).length > 0} onClick={() => test.mutate()}>
              Test connection
            </Button>
          </div>
          <p className="muted" style={{ fontSize: 13 }}>
            {Object.keys(filled).length > 0 ? "Save first; the stored key is what is tested." : kind === "llm" ? "Asks a few short questions, which cost a fraction of a cent." : "Asks for the balance, which is free."}
          </p>
          <InlineError error={test.error} />
          {test.data && (
            <ul className={styles.probe} aria-live="polite">
              {test.data.lines.map((line) => (
                <li key={line.name} data-ok={line.is_ok}>
                  {line.is_ok ? <Check size={15} aria-label="Works" /> : <X size={15} aria-label="Does not work" />}
                  <span>{words(line.name)}</span>
                  <span className="muted">{line.detail}</span>
                </li>
              ))}
            </ul>
          )}
        </section>
      )}
      <ConfirmDialog
        isOpen={isRemoving}
        onClose={() => setIsRemoving(false)}
        title={`Remove the key for ${label}?`}
        confirm="Remove key"
        look="danger"
        onConfirm={async () => {
          await api.delete(path);
          refresh();
          onClose();
        }}
      >
        <p>Columns that use it stop until there is one again. What they have found is kept.</p>
      </ConfirmDialog>
    </Drawer>
  );
}
