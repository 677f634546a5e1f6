// The one way a state is shown: icon, word and the colour of its meaning.
import { lookOf } from "./states";
import { Tooltip } from "./Tooltip";
import { classes, count } from "./format";
import styles from "./StateBadge.module.css";

interface Props {
  state: string;
  /** The sentence that goes with it, shown on hover instead of the general explanation. */
  note?: string | null;
  /** "badge" has a shade, "plain" is for dense lists, "icon" for grid cells (the word stays for readers). */
  look?: "badge" | "plain" | "icon";
  count?: number;
  word?: string;
}

export function StateBadge({ state, note, look = "badge", count: amount, word }: Props) {
  const { icon: Icon, meaning, spins, explanation, word: known } = lookOf(state);
  const text = word ?? known;
  return (
    <Tooltip text={note || (look === "icon" ? `${text}. ${explanation}` : explanation)}>
      <span className={classes(styles.state, styles[look])} data-meaning={meaning} data-state-name={state}>
        <Icon size={look === "badge" ? 12 : 14} strokeWidth={2.25} className={spins ? styles.spins : undefined} aria-hidden />
        <span className={look === "icon" ? "visually-hidden" : styles.word}>{text}</span>
        {amount !== undefined && <span className={styles.count}>{count(amount)}</span>}
      </span>
    </Tooltip>
  );
}
