// Language models: their keys, addresses and what each can do, and which one a client uses by default.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import { catalogQuery, clientsQuery, credentialsQuery, queryClient } from "../../api/queries";
import type { Catalog, Client, Credential, LlmEntry } from "../../api/types";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { SelectField } from "../../shared/Field";
import { money } from "../../shared/format";
import { SimulatedMark } from "../../shared/Marks";
import { Panel } from "../../shared/Panel";
import { EmptyState, Loaded } from "../../shared/Placeholder";
import { Table } from "../../shared/Table";
import { toastError } from "../../shared/Toast";
import { CredentialDrawer } from "./CredentialDrawer";
import { Intro } from "./Intro";
import styles from "./Settings.module.css";

export function LanguageModels() {
  const catalog = useQuery(catalogQuery);
  const credentials = useQuery(credentialsQuery);
  const [edited, setEdited] = useState<string | null>(null);
  const stored = new Map(credentials.data?.data.filter((each) => each.kind === "llm").map((each) => [each.name, each]));
  return (
    <>
      <Intro title="Language models">AI columns ask these. Everything else in Spadework works without one.</Intro>
      <Loaded query={catalog} doing="load the language models">
        {(loaded) => {
          const chosen = loaded.llms.find((llm) => llm.key === edited);
          return (
            <>
              <Panel isFlush>
                <ul className={styles.entries} data-list>
                  {loaded.llms.map((llm) => (
                    <Entry key={llm.key} llm={llm} credential={stored.get(llm.key)} onEdit={() => setEdited(llm.key)} />
                  ))}
                </ul>
              </Panel>
              <Defaults catalog={loaded} />
              {chosen && (
                <CredentialDrawer kind="llm" name={chosen.key} label={chosen.label} fields={chosen.key_fields} credential={stored.get(chosen.key)} takesBaseUrl={chosen.takes_base_url} models={chosen.models} onClose={() => setEdited(null)} />
              )}
            </>
          );
        }}
      </Loaded>
    </>
  );
}

function Entry({ llm, credential, onEdit }: { llm: LlmEntry; credential?: Credential; onEdit: () => void }) {
  const mayWrite = useMay("credentials.write");
  const names = llm.models.slice(0, 3).map((model) => model.label);
  return (
    <li className={styles.entry}>
      <div>
        <b>{llm.label}</b> {llm.is_simulated && <SimulatedMark />}
        <p>
          {names.join(", ")}
          {llm.models.length > 3 ? ` and ${llm.models.length - 3} more` : ""}
          {llm.takes_base_url ? `${names.length ? "; " : ""}takes any compatible address` : ""}
        </p>
      </div>
      {credential && (
        <div className={styles.aside}>
          {credential.last_four ? <code>•••• {credential.last_four}</code> : "Connected"}
          {credential.base_url && <small>{credential.base_url}</small>}
        </div>
      )}
      {mayWrite && (
        <Button size="small" data-list-item="" onClick={onEdit}>
          {credential ? "Change or test" : "Connect"}
        </Button>
      )}
    </li>
  );
}

function Defaults({ catalog }: { catalog: Catalog }) {
  const clients = useQuery(clientsQuery);
  const mayWrite = useMay("clients.write");
  const usable = catalog.llms.filter((llm) => llm.has_key || llm.is_simulated);
  const set = useMutation({
    mutationFn: ({ client, choice }: { client: Client; choice: string }) => {
      const [llm, ...model] = choice.split("/");
      return api.patch(`/v3/clients/${client.id}`, { llm: llm || null, model: model.join("/") || null });
    },
    onSuccess: () => {
      for (const key of ["clients", "client"]) void queryClient.invalidateQueries({ queryKey: [key] });
    },
    onError: (error) => toastError("change the default model", error),
  });
  const options = usable.map((llm) => ({
    group: llm.label,
    options: llm.models.map((model) => ({
      value: `${llm.key}/${model.id}`,
      label: model.input_micro_usd_per_mtok === null ? model.label : `${model.label}, ${money(model.input_micro_usd_per_mtok)} per million tokens in`,
    })),
  }));
  return (
    <Panel title="Default per client" hint="A column may name another model for itself." isFlush>
      <Loaded query={clients} doing="load the clients" size="panel">
        {({ data }) =>
          data.length === 0 ? (
            <EmptyState size="panel" title="No clients yet" />
          ) : (
            <Table
              label="Default model per client"
              rows={data}
              rowKey={(client) => client.id}
              columns={[
                { key: "name", heading: "Client", cell: (client) => client.name },
                {
                  key: "model",
                  heading: "Default model",
                  width: 320,
                  cell: (client) => (
                    <SelectField
                      name={`Default model of ${client.name}`}
                      value={client.llm ? `${client.llm}/${client.model ?? ""}` : ""}
                      onChange={(choice) => set.mutate({ client, choice })}
                      placeholder="First one connected"
                      options={options}
                      isDisabled={!mayWrite || options.length === 0}
                    />
                  ),
                },
              ]}
            />
          )
        }
      </Loaded>
    </Panel>
  );
}
