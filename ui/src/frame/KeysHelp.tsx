// The list of keys.
import { Dialog } from "../shared/Dialog";
import { KEY_HINTS } from "./keys";
import styles from "./KeysHelp.module.css";

export function KeysHelp({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="Keys" width={680}>
      <div className={styles.groups}>
        {KEY_HINTS.map((group) => (
          <section key={group.heading}>
            <h3>{group.heading}</h3>
            <dl>
              {group.hints.map((hint) => (
                <div key={hint.does}>
                  <dt>{hint.does}</dt>
                  <dd>
                    {hint.keys.map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
