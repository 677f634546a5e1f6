// The palette of columns: kinds of values, computed kinds and every source of the catalogue, with search.
import { useQuery } from "@tanstack/react-query";
import { Database, Plus } from "lucide-react";
import { useId, useState, type KeyboardEvent, type ReactNode } from "react";
import { catalogQuery } from "../../../api/queries";
import type { Catalog } from "../../../api/types";
import { isPerRow } from "../../../columns/answer";
import { classes, money } from "../../../shared/format";
import { Loaded } from "../../../shared/Placeholder";
import { kindIcon } from "../kinds";
import { Flyout } from "../toolbar/Flyout";
import type { ColumnTask } from "./ColumnDrawer";
import styles from "./ColumnForm.module.css";

interface Props {
  onChoose: (task: ColumnTask) => void;
}

export function AddColumn({ onChoose }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  const catalog = useQuery(catalogQuery);
  return (
    <Flyout
      label="Add a column"
      isOpen={isOpen}
      onOpenChange={setIsOpen}
      width={380}
      trigger={
        <button type="button" className={styles.add}>
          <Plus size={15} aria-hidden /> Add column
        </button>
      }
    >
      <Loaded query={catalog} doing="load the column kinds" size="panel">
        {(found) => (
          <Palette
            catalog={found}
            onChoose={(task) => {
              setIsOpen(false);
              onChoose(task);
            }}
          />
        )}
      </Loaded>
    </Flyout>
  );
}

interface Choice {
  group: string;
  label: string;
  detail: string;
  price: string | null;
  icon: ReactNode;
  task: ColumnTask;
}

/** Everything a column can be, from the catalogue alone, so that a new plug-in appears by itself. */
export function choicesOf(catalog: Catalog): Choice[] {
  const kinds = catalog.columns.map((kind): Choice => {
    const Icon = kindIcon(kind.key);
    return { group: kind.is_computed ? "Computed" : "Values", label: kind.label, detail: kind.summary, price: null, icon: <Icon size={15} strokeWidth={1.8} aria-hidden />, task: { task: "add", kind: kind.key } };
  });
  const sources = catalog.providers.flatMap((provider) =>
    provider.capabilities.filter(isPerRow).map((capability): Choice => ({
      group: "Sources",
      label: `${capability.label} · ${provider.label}`,
      detail: provider.summary,
      price: capability.price_micro_usd === 0 ? "free" : money(capability.price_micro_usd),
      icon: <Database size={15} strokeWidth={1.8} aria-hidden />,
      task: { task: "add", kind: "enrichment", name: capability.label, settings: { provider: provider.key, capability: capability.key } },
    })),
  );
  return [...kinds.filter((each) => each.group === "Computed"), ...kinds.filter((each) => each.group === "Values"), ...sources];
}

function Palette({ catalog, onChoose }: { catalog: Catalog; onChoose: (task: ColumnTask) => void }) {
  const [search, setSearch] = useState("");
  const [active, setActive] = useState(0);
  const id = useId();
  const wanted = search.trim().toLowerCase();
  const found = choicesOf(catalog).filter((each) => `${each.label} ${each.detail} ${each.group}`.toLowerCase().includes(wanted));

  function press(event: KeyboardEvent) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = Math.max(0, Math.min(found.length - 1, active + (event.key === "ArrowDown" ? 1 : -1)));
      setActive(next);
      document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && found[active]) {
      event.preventDefault();
      onChoose(found[active].task);
    }
  }

  return (
    <>
      <input
        className={styles.paletteSearch}
        role="combobox"
        aria-expanded
        aria-controls={id}
        aria-activedescendant={found[active] ? `${id}-${active}` : undefined}
        aria-label="Search columns and sources"
        placeholder="Search columns and sources"
        autoFocus
        value={search}
        onChange={(event) => {
          setSearch(event.target.value);
          setActive(0);
        }}
        onKeyDown={press}
      />
      <div className={styles.palette} id={id} role="listbox" aria-label="Columns and sources">
        {found.map((choice, at) => (
          <div key={`${choice.group}-${choice.label}`}>
            {choice.group !== found[at - 1]?.group && <div className={styles.paletteHeading}>{choice.group}</div>}
            <div id={`${id}-${at}`} role="option" aria-selected={at === active} className={classes(styles.choice, at === active && styles.choiceActive)} onMouseMove={() => setActive(at)} onClick={() => onChoose(choice.task)}>
              {choice.icon}
              <span className={styles.choiceWords}>
                {choice.label}
                {choice.detail && <small>{choice.detail}</small>}
              </span>
              {choice.price && <span className={styles.choicePrice}>{choice.price}</span>}
            </div>
          </div>
        ))}
        {found.length === 0 && <p className={styles.none}>Nothing matches “{search}”. Try what you want to know, such as “e-mail”.</p>}
      </div>
    </>
  );
}
