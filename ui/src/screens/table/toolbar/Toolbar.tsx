// What can be done with the table as a whole: views, filters, order, columns, search, running, import and export.
import { Download, MoreHorizontal, Play, Upload } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode, type RefObject } from "react";
import { Button } from "../../../shared/Button";
import { SearchField } from "../../../shared/Field";
import { Menu, type MenuGroup } from "../../../shared/Menu";
import styles from "./Toolbar.module.css";

interface Props {
  children: ReactNode;
  search: string;
  onSearch: (search: string) => void;
  searchBox: RefObject<HTMLInputElement | null>;
  /** Groups of the run menu; null where nothing can be run. */
  runs: MenuGroup[] | null;
  onImport: (() => void) | null;
  onExport: (() => void) | null;
  more: MenuGroup[];
}

const TYPING_MS = 250;

export function Toolbar({ children, search, onSearch, searchBox, runs, onImport, onExport, more }: Props) {
  return (
    <div className={styles.toolbar} role="toolbar" aria-label="Table">
      {children}
      <span className={styles.space} />
      <Find search={search} onSearch={onSearch} box={searchBox} />
      {onImport && <Button look="quiet" size="small" icon={Upload} className={styles.wide} onClick={onImport}>Import</Button>}
      {onExport && <Button look="quiet" size="small" icon={Download} className={styles.wide} onClick={onExport}>Export</Button>}
      <Menu
        groups={more}
        trigger={<Button look="quiet" size="small" icon={MoreHorizontal} aria-label="More" />}
      />
      {runs && <Menu groups={runs} minWidth={260} trigger={<Button look="primary" size="small" icon={Play}>Run</Button>} />}
    </div>
  );
}

// Typing never waits for the rows: the field keeps its own text and hands it on when the person pauses.
function Find({ search, onSearch, box }: { search: string; onSearch: (search: string) => void; box: RefObject<HTMLInputElement | null> }) {
  const [text, setText] = useState(search);
  const place = useRef<HTMLSpanElement>(null);
  // What was handed on and comes back is not taken over, or it would undo what was typed since.
  const handedOn = useRef(search);
  useEffect(() => {
    if (search === handedOn.current) return;
    handedOn.current = search;
    setText(search);
  }, [search]);
  useEffect(() => {
    if (text === handedOn.current) return;
    const timer = setTimeout(() => {
      handedOn.current = text;
      onSearch(text);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, onSearch]);
  useEffect(() => {
    box.current = place.current?.querySelector("input") ?? null;
  });
  return (
    <span ref={place} className={styles.find}>
      <SearchField name="Find in the table" placeholder="Find in the table" width={190} value={text} onChange={setText} />
    </span>
  );
}
