// What leaves of a document or an image: masked headings, a masked preview, masked facts; each part can be held back.
import { SwitchField } from "../../shared/Field";
import { PARTS, type Part, type Sheet } from "./extracts";
import styles from "./ExtractCard.module.css";

const NAMES: Record<Part, string> = { headings: "Headings", preview: "Preview of the text", exif: "Facts stored in the image" };

export function ExtractParts({ sheet, onChange }: { sheet: Sheet; onChange: (part: Partial<Sheet>) => void }) {
  const present = PARTS.filter((part) => linesOf(sheet, part).length > 0);
  return (
    <>
      {present.map((part) => {
        const isHidden = sheet.hidden.includes(part);
        return (
          <section key={part} className={styles.part} aria-label={NAMES[part]}>
            <SwitchField
              label={NAMES[part]}
              hint={isHidden ? "Does not leave" : "Leaves, masked as shown"}
              isOn={!isHidden}
              onChange={(isOn) => onChange({ hidden: isOn ? sheet.hidden.filter((each) => each !== part) : [...sheet.hidden, part] })}
            />
            {!isHidden && (
              <pre className={styles.lines} tabIndex={0}>
                {linesOf(sheet, part).join("\n")}
              </pre>
            )}
          </section>
        );
      })}
    </>
  );
}

function linesOf(sheet: Sheet, part: Part): string[] {
  if (part === "exif") return Object.entries(sheet.read.exif ?? {}).map(([name, value]) => `${name}: ${value}`);
  return sheet.read[part] ?? [];
}
