// The left side: the conversation with the language model, or a form where there is none.
import { useUrlState } from "../../frame/urlState";
import type { Workflow } from "../../api/workflowTypes";
import { Segments } from "../../shared/Tabs";
import { Chat } from "./Chat";
import type { Forms } from "./conversation";
import { FormPane } from "./FormPane";
import styles from "./Side.module.css";

export function Side({ workflow, forms }: { workflow: Workflow | null; forms: Forms | null }) {
  const hasModel = forms?.llm.available ?? true;
  const usual = workflow?.current_version?.source === "form" || !hasModel ? "form" : "chat";
  const [chosen, choose] = useUrlState("with");
  const way = chosen === "chat" || chosen === "form" ? chosen : usual;
  return (
    <section className={styles.side} aria-label="What the workflow should do">
      <header className={styles.head}>
        <h1 className="clip">{workflow?.name ?? "New workflow"}</h1>
        <Segments name="How to say it" value={way} onChange={(value) => choose(value === usual ? "" : value)} options={[{ value: "chat", label: "Chat" }, { value: "form", label: "Form" }]} />
      </header>
      {way === "chat" ? <Chat workflow={workflow} forms={forms} onForm={() => choose(usual === "form" ? "" : "form")} /> : <FormPane workflow={workflow} forms={forms} />}
    </section>
  );
}
