// The variables of one input, each with where it came from.
import { CodeBlock } from "../../shared/CodeBlock";
import type { Origin, Variables } from "../../api/promptTypes";
import { LinkTo } from "../../frame/LinkTo";
import { words } from "../../shared/format";
import styles from "./Try.module.css";

const SOURCES: Record<string, string> = { step: "from step", client_config: "client’s", context_pack: "context pack", seed: "seed", computed: "computed", fixture: "fixture", override: "given by hand", static: "fixed" };

interface Props {
  variables: Variables;
  lineage?: Record<string, Origin> | null;
  /** Named by the text and not given. */
  missing?: string[];
  /** The address of the step run a value came from, null where there is none to open. */
  addressOf?: (origin: Origin) => string | null;
}

export function Inputs({ variables, lineage, missing = [], addressOf }: Props) {
  const names = Object.keys(variables);
  return (
    <dl className={styles.inputs}>
      {missing.map((name) => (
        <div key={name} data-missing="">
          <dt>
            <code>{name}</code>
            <span>missing</span>
          </dt>
        </div>
      ))}
      {names.map((name) => (
        <div key={name}>
          <dt>
            <code>{name}</code>
            <OriginMark origin={lineage?.[name]} addressOf={addressOf} />
          </dt>
          <dd>
            <CodeBlock value={variables[name]} maxHeight={150} empty="Empty" />
          </dd>
        </div>
      ))}
      {names.length === 0 && missing.length === 0 && <p className="muted">This input has no variables.</p>}
    </dl>
  );
}

function OriginMark({ origin, addressOf }: { origin: Origin | undefined; addressOf?: Props["addressOf"] }) {
  if (!origin) return null;
  const source = SOURCES[origin.source] ?? words(origin.source).toLowerCase();
  const text = origin.source === "step" && origin.step ? `${source} ${origin.step}` : source;
  const address = addressOf?.(origin);
  return <span>{address ? <LinkTo className="link" to={address}>{text}</LinkTo> : text}</span>;
}
