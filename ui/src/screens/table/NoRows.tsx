// What a table without a row to show says: nothing matches, or nothing is there yet.
import { ClipboardPaste, Columns3, ListX, Rows3, Upload } from "lucide-react";
import { Button } from "../../shared/Button";
import { EmptyState } from "../../shared/Placeholder";
import styles from "./Table.module.css";

interface Props {
  isNarrowed: boolean;
  mayWrite: boolean;
  onClear: () => void;
  onImport: () => void;
  onAdd: () => void;
}

export function NoRows({ isNarrowed, mayWrite, onClear, onImport, onAdd }: Props) {
  return (
    <div className={styles.noRows}>
      {isNarrowed ? (
        <EmptyState icon={ListX} title="No row matches" action={<Button onClick={onClear}>Show all rows</Button>}>
          The filters and search together match nothing in this table.
        </EmptyState>
      ) : (
        <EmptyState
          icon={mayWrite ? Columns3 : ClipboardPaste}
          title="No rows yet"
          action={mayWrite && (
            <>
              <Button look="primary" icon={Upload} onClick={onImport}>Import a CSV file</Button>
              <Button icon={Rows3} onClick={onAdd}>Add a row</Button>
            </>
          )}
        >
          {mayWrite ? "Companies or people go here, one in each row. Import them from a file, or add them by hand." : "Somebody who may change this workbook can import companies or people here."}
        </EmptyState>
      )}
    </div>
  );
}
