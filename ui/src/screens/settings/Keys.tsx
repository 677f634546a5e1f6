// Keys of the data providers: written, tested and removed here, never shown again.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { catalogQuery, credentialsQuery } from "../../api/queries";
import type { Credential, ProviderEntry } from "../../api/types";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { unitPrice } from "../../shared/format";
import { Panel } from "../../shared/Panel";
import { Loaded } from "../../shared/Placeholder";
import { Ago } from "../../shared/Time";
import { CredentialDrawer } from "./CredentialDrawer";
import { Intro } from "./Intro";
import styles from "./Settings.module.css";

export function Keys() {
  const catalog = useQuery(catalogQuery);
  const credentials = useQuery(credentialsQuery);
  const [edited, setEdited] = useState<string | null>(null);
  const stored = new Map(credentials.data?.data.filter((each) => each.kind === "provider").map((each) => [each.name, each]));
  return (
    <>
      <Intro title="Keys">Your own keys at the data providers. They are encrypted here, sent only to their provider, and shown to nobody; of each you see the last four characters.</Intro>
      <Loaded query={catalog} doing="load the providers">
        {({ providers }) => {
          const paid = providers.filter((provider) => !provider.is_local);
          const local = providers.filter((provider) => provider.is_local);
          const chosen = providers.find((provider) => provider.key === edited);
          return (
            <>
              <Panel isFlush>
                <ul className={styles.entries} data-list>
                  {paid.map((provider) => (
                    <Entry key={provider.key} provider={provider} credential={stored.get(provider.key)} onEdit={() => setEdited(provider.key)} />
                  ))}
                </ul>
              </Panel>
              <Panel title="Without a key" hint="Part of Spadework: local, offline and free." isFlush>
                <ul className={styles.entries}>
                  {local.map((provider) => (
                    <li key={provider.key} className={styles.entry}>
                      <div>
                        <b>{provider.label}</b>
                        <p>{provider.summary}</p>
                      </div>
                    </li>
                  ))}
                </ul>
              </Panel>
              {chosen && (
                <CredentialDrawer
                  kind="provider"
                  name={chosen.key}
                  label={chosen.label}
                  fields={chosen.key_fields}
                  credential={stored.get(chosen.key)}
                  docsUrl={chosen.docs_url}
                  takesPrice
                  onClose={() => setEdited(null)}
                />
              )}
            </>
          );
        }}
      </Loaded>
    </>
  );
}

function Entry({ provider, credential, onEdit }: { provider: ProviderEntry; credential?: Credential; onEdit: () => void }) {
  const mayWrite = useMay("credentials.write");
  const prices = provider.capabilities.map((capability) => capability.price_micro_usd).filter((price) => price > 0);
  return (
    <li className={styles.entry}>
      <div>
        <b>{provider.label}</b>
        <p>
          {provider.summary}
          {prices.length > 0 && ` From ${unitPrice(Math.min(...prices))} a call.`}
        </p>
      </div>
      {credential && (
        <div className={styles.aside}>
          {credential.last_four ? <code>•••• {credential.last_four}</code> : "Stored"}
          <small>
            changed <Ago at={credential.updated_at} />
          </small>
        </div>
      )}
      {mayWrite && (
        <Button size="small" data-list-item="" onClick={onEdit}>
          {credential ? "Change" : "Add key"}
        </Button>
      )}
    </li>
  );
}
