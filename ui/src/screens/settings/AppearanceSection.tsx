// Light, dark, or as the system says.
import { setAppearance, useAppearance, type Appearance } from "../../frame/appearance";
import { chooseByArrow } from "../../shared/focus";
import { Intro } from "./Intro";
import styles from "./Settings.module.css";

const LOOKS: { value: Appearance; label: string }[] = [
  { value: "system", label: "Follow the system" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];

export function AppearanceSection() {
  const appearance = useAppearance();
  return (
    <>
      <Intro title="Appearance">Kept in this browser.</Intro>
      <div className={styles.looks} role="radiogroup" aria-label="Appearance" onKeyDown={chooseByArrow}>
        {LOOKS.map(({ value, label }) => (
          <button key={value} type="button" role="radio" aria-checked={appearance === value} className={styles.look} onClick={() => setAppearance(value)}>
            <span className={styles.swatch} data-look={value} aria-hidden>
              <i />
              <i />
            </span>
            {label}
          </button>
        ))}
      </div>
    </>
  );
}
