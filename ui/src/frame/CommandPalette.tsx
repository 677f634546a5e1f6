// Search and commands: go anywhere, begin a workbook, find a workbook, table or client.
import * as Radix from "@radix-ui/react-dialog";
import { useQuery } from "@tanstack/react-query";
import { Building2, CircleStop, Coins, FileSpreadsheet, FileText, Hammer, Keyboard, ListVideo, Moon, Plus, Quote, Search, Settings, SquareTerminal, Sun, Table2, Target, Users, Workflow, type LucideIcon } from "lucide-react";
import { useRef, useState, type KeyboardEvent } from "react";
import { clientsQuery, workbooksQuery } from "../api/queries";
import { classes, counted } from "../shared/format";
import { setAppearance, useIsDark } from "./appearance";
import { useGo } from "./LinkTo";
import { paths, type SettingsSection } from "./paths";
import styles from "./CommandPalette.module.css";

interface Command {
  id: string;
  heading: string;
  label: string;
  detail?: string;
  keys?: string;
  icon: LucideIcon;
  act: () => void;
}

interface Props {
  clientId: string | null;
  onClose: () => void;
  onKeys: () => void;
  onStop: () => void;
}

const SECTIONS: [SettingsSection, string][] = [
  ["keys", "Keys of data providers"],
  ["llms", "Language models"],
  ["training", "Training mode"],
  ["budgets", "Budgets"],
  ["people", "People and roles"],
  ["api-keys", "API keys"],
  ["appearance", "Appearance"],
];

export function CommandPalette({ clientId, onClose, onKeys, onStop }: Props) {
  const [search, setSearch] = useState("");
  const [active, setActive] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const wanted = search.trim();
  const commands = useCommands({ clientId, onKeys, onStop }, wanted);
  const found = commands.filter((command) => matches(command, wanted)).slice(0, 40);

  function run(command: Command | undefined) {
    if (!command) return;
    onClose();
    command.act();
  }

  function press(event: KeyboardEvent) {
    if (event.key === "Enter") {
      event.preventDefault();
      run(found[active]);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = (active + (event.key === "ArrowDown" ? 1 : found.length - 1)) % Math.max(1, found.length);
      setActive(next);
      list.current?.querySelector(`#command-${next}`)?.scrollIntoView({ block: "nearest" });
    }
  }

  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={styles.scrim} />
        <Radix.Content className={styles.palette} aria-describedby={undefined} onKeyDown={press}>
          <Radix.Title className="visually-hidden">Search and commands</Radix.Title>
          <div className={styles.line}>
            <Search size={16} aria-hidden />
            <input
              autoFocus
              role="combobox"
              aria-expanded
              aria-controls="commands"
              aria-activedescendant={found[active] ? `command-${active}` : undefined}
              aria-label="Search and commands"
              placeholder="Search workbooks, tables and clients, or run a command"
              value={search}
              onChange={(event) => {
                setSearch(event.target.value);
                setActive(0);
              }}
            />
          </div>
          <div className={styles.list} id="commands" role="listbox" aria-label="Results" ref={list}>
            {found.map((command, index) => (
              <div key={command.id}>
                {command.heading !== found[index - 1]?.heading && <div className={styles.heading}>{command.heading}</div>}
                <div
                  id={`command-${index}`}
                  role="option"
                  aria-selected={index === active}
                  className={classes(styles.row, index === active && styles.active)}
                  onMouseMove={() => setActive(index)}
                  onClick={() => run(command)}
                >
                  <command.icon size={16} strokeWidth={1.7} aria-hidden />
                  <span className="clip">{command.label}</span>
                  {command.detail && <span className={styles.detail}>{command.detail}</span>}
                  {command.keys && <kbd>{command.keys}</kbd>}
                </div>
              </div>
            ))}
            {found.length === 0 && <p className={styles.none}>Nothing here is called “{search}”. Try part of a workbook’s, table’s or client’s name.</p>}
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function matches(command: Command, search: string): boolean {
  const text = `${command.label} ${command.detail ?? ""} ${command.heading}`.toLowerCase();
  return search.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

function useCommands({ clientId, onKeys, onStop }: Omit<Props, "onClose">, search: string): Command[] {
  const go = useGo();
  const isDark = useIsDark();
  const { data: clients } = useQuery(clientsQuery);
  const { data: workbooks } = useQuery({ ...workbooksQuery(clientId ?? "", ""), enabled: clientId !== null });
  const command = (id: string, heading: string, label: string, icon: LucideIcon, act: () => void, more: Partial<Command> = {}): Command => ({
    id, heading, label, icon, act, ...more,
  });
  const commands: Command[] = [];
  if (clientId) {
    commands.push(
      command("begin", "Commands", "Begin workbook", Plus, () => go(paths.begin(clientId)), { keys: "B" }),
      command("workbooks", "Go to", "Workbooks", Table2, () => go(paths.workbooks(clientId)), { keys: "G W" }),
      command("pipeline", "Go to", "Pipeline", Workflow, () => go(paths.pipeline(clientId)), { keys: "G P" }),
      command("prompts", "Go to", "Prompts", SquareTerminal, () => go(paths.prompts(clientId)), { keys: "G T" }),
      command("dossiers", "Go to", "Dossiers", FileText, () => go(paths.dossiers(clientId)), { keys: "G D" }),
      command("batches", "Go to", "Batches of dossiers", FileText, () => go(paths.batches(clientId))),
      command("contacts", "Go to", "Contacts", Users, () => go(paths.contacts(clientId)), { keys: "G O" }),
      command("claims", "Go to", "Claims", Quote, () => go(paths.claims(clientId)), { keys: "G A" }),
      command("client", "Go to", "Client brief", Target, () => go(paths.client(clientId)), { keys: "G B" }),
      command("onboarding", "Commands", "Onboard this client", Target, () => go(paths.onboarding(clientId))),
      command("runs", "Go to", "Runs", ListVideo, () => go(paths.runs(clientId)), { keys: "G R" }),
    );
  }
  commands.push(
    command("workflows", "Go to", "Builder: workflows", Hammer, () => go(paths.workflows()), { keys: "G F" }),
    command("builder", "Commands", "New workflow from files", Hammer, () => go(paths.builder())),
    command("spend", "Go to", "Spend", Coins, () => go(paths.spend(clientId ?? undefined)), { keys: "G S" }),
    command("clients", "Go to", "Clients", Building2, () => go(paths.clients()), { keys: "G C" }),
    command("settings", "Go to", "Settings", Settings, () => go(paths.settings()), { keys: "G ," }),
  );
  for (const workbook of workbooks?.data ?? []) {
    const first = workbook.tables[0];
    if (!first) continue;
    commands.push(command(workbook.id, "Workbooks", workbook.name, FileSpreadsheet, () => go(paths.table(workbook.client_id, first.id)), { detail: counted(first.row_count, "row") }));
    if (!search) continue;
    for (const table of workbook.tables.slice(1)) {
      commands.push(command(table.id, "Tables", table.name, Table2, () => go(paths.table(workbook.client_id, table.id)), { detail: workbook.name }));
    }
  }
  if (search) {
    for (const client of clients?.data ?? []) commands.push(command(client.id, "Clients", client.name, Building2, () => go(paths.workbooks(client.id))));
    for (const [section, label] of SECTIONS) commands.push(command(section, "Settings", label, Settings, () => go(paths.settings(section))));
  }
  commands.push(
    command("appearance", "More", isDark ? "Switch to light" : "Switch to dark", isDark ? Sun : Moon, () => setAppearance(isDark ? "light" : "dark")),
    command("keys", "More", "Keys", Keyboard, onKeys, { keys: "?" }),
    command("stop", "More", "Stop everything", CircleStop, onStop),
  );
  return commands;
}
