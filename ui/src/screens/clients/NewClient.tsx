// Adding a client: a name, and if wanted a budget and a default model.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import { catalogQuery, queryClient } from "../../api/queries";
import type { NewClient as Asked } from "../../api/types";
import { LinkTo, useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { Button } from "../../shared/Button";
import { Drawer } from "../../shared/Dialog";
import { MoneyField, SelectField, TextField } from "../../shared/Field";
import { InlineError } from "../../shared/Placeholder";
import { toast } from "../../shared/Toast";
import styles from "./Clients.module.css";

export function NewClient({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const [name, setName] = useState("");
  const [domain, setDomain] = useState("");
  const [budget, setBudget] = useState<number | null>(null);
  const [model, setModel] = useState("");
  const { data: catalog } = useQuery(catalogQuery);
  const go = useGo();
  const usable = (catalog?.llms ?? []).filter((llm) => llm.has_key || llm.is_simulated);
  const add = useMutation({
    mutationFn: () => {
      const [llm, ...rest] = model.split("/");
      const asked: Asked = { name: name.trim(), domain: domain.trim() || undefined, budget_micro_usd: budget ?? undefined, llm: llm || undefined, model: rest.join("/") || undefined };
      return api.post("/v3/clients", asked);
    },
    onSuccess: (client) => {
      void queryClient.invalidateQueries({ queryKey: ["clients"] });
      toast({ tone: "done", title: `${client.name} added` });
      onClose();
      go(paths.workbooks(client.id));
    },
  });
  return (
    <Drawer
      isOpen={isOpen}
      onClose={onClose}
      title="Add client"
      width={440}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form="new-client" isBusy={add.isPending} disabled={!name.trim()}>
            Add client
          </Button>
        </>
      }
    >
      <form
        id="new-client"
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <TextField label="Name" autoFocus required value={name} onChange={setName} />
        <TextField label="Domain" aside="optional" placeholder="northwind.example.com" value={domain} onChange={setDomain} />
        <MoneyField label="Budget" aside="optional" microUsd={budget} onChange={setBudget} hint="The most all work for this client may cost. It cannot be overspent, and can be changed at any time." />
        <SelectField
          label="Default language model"
          aside="optional"
          value={model}
          onChange={setModel}
          isDisabled={usable.length === 0}
          placeholder={usable.length ? "The account’s own" : "None connected yet"}
          options={usable.map((llm) => ({ group: llm.label, options: llm.models.map((each) => ({ value: `${llm.key}/${each.id}`, label: each.label })) }))}
          hint={usable.length === 0 ? <>AI columns need one. Connect it in <LinkTo className="link" to={paths.settings("llms")}>Settings › Language models</LinkTo>.</> : undefined}
        />
        <InlineError error={add.error} />
      </form>
    </Drawer>
  );
}
