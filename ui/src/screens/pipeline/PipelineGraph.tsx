// The steps of a dossier as a graph in four stages: what waits for what, what runs beside what, and how each stands.
import { useLayoutEffect, useRef, useState } from "react";
import { classes, duration, money } from "../../shared/format";
import { StateBadge } from "../../shared/StateBadge";
import { lookOf } from "../../shared/states";
import { endedOf, peopleOf, STAGES, wavesOf, type Node } from "./steps";
import styles from "./PipelineGraph.module.css";

interface Props {
  nodes: Node[];
  chosen: string | undefined;
  onChoose: (node: Node) => void;
}

export function PipelineGraph({ nodes, chosen, onChoose }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const edges = useEdges(place, nodes);
  return (
    <div className={styles.scroll}>
      <div className={styles.graph} ref={place} role="group" aria-label="Steps">
        <svg className={styles.edges} aria-hidden>
          {edges.map((edge) => (
            <path key={edge.key} d={edge.path} data-state={edge.state} />
          ))}
        </svg>
        {STAGES.map(([stage, word]) => {
          const here = nodes.filter((node) => node.step.stage === stage);
          const waves = wavesOf(here);
          return (
            <section key={stage} className={styles.stage} aria-label={word}>
              <header>
                <h3>{word}</h3>
                <small>
                  {endedOf(here)} of {here.length}
                </small>
              </header>
              <div className={styles.waves}>
                {waves.map((wave, index) => (
                  <div key={index} className={classes(styles.wave, waves.length > 1 && wave.length > 1 && styles.beside)}>
                    {wave.map((node) => (
                      <GraphNode key={node.step.key} node={node} isChosen={node.step.key === chosen} onChoose={() => onChoose(node)} />
                    ))}
                  </div>
                ))}
              </div>
            </section>
          );
        })}
      </div>
    </div>
  );
}

function GraphNode({ node, isChosen, onChoose }: { node: Node; isChosen: boolean; onChoose: () => void }) {
  const { step, state, parts } = node;
  const isIdle = state === "pending" || state === "kept" || node.runs.length === 0;
  return (
    <button
      type="button"
      data-list-item
      data-node={step.key}
      data-state={state}
      className={styles.node}
      aria-current={isChosen || undefined}
      disabled={isIdle}
      onClick={onChoose}
    >
      {state === "kept" ? <StateBadge state="done" look="icon" word="Kept" note="Taken over from the run this one repeats a part of." /> : <StateBadge state={state} look="icon" />}
      <span className={styles.name}>{step.label}</span>
      <small className={styles.figures}>
        {parts && <span>{`${parts.done} of ${parts.total}`}</span>}
        {state === "kept" && <span>kept</span>}
        {node.durationMs !== null && <span>{duration(node.durationMs)}</span>}
        {node.costMicroUsd > 0 && <span>{money(node.costMicroUsd)}</span>}
      </small>
      {parts && <Parts node={node} />}
    </button>
  );
}

/** One short bar for each person or question: the fan-out at a glance. */
function Parts({ node }: { node: Node }) {
  const { step, runs } = node;
  const groups = step.is_per_contact
    ? peopleOf(runs).map((index) => runs.filter((each) => each.contact_index === index))
    : step.asks.map((ask) => runs.filter((each) => each.step === ask.key));
  return (
    <span className={styles.parts} aria-hidden>
      {groups.map((group, index) => (
        <i key={index} data-meaning={group.length === 0 ? undefined : lookOf(worst(group.map((each) => each.status))).meaning} />
      ))}
    </span>
  );
}

function worst(statuses: string[]): string {
  if (statuses.includes("failed")) return "failed";
  if (statuses.includes("running")) return "running";
  return statuses.includes("pending") ? "queued" : "succeeded";
}

interface Edge {
  key: string;
  path: string;
  state: string;
}

/** Lines between the nodes as they are laid out now: down within a stage, across between stages. */
function useEdges(place: React.RefObject<HTMLDivElement | null>, nodes: Node[]): Edge[] {
  const [size, setSize] = useState(0);
  const [edges, setEdges] = useState<Edge[]>([]);
  useLayoutEffect(() => {
    const box = place.current;
    if (!box) return;
    const watcher = new ResizeObserver(() => setSize(box.clientWidth * 10_000 + box.clientHeight));
    watcher.observe(box);
    return () => watcher.disconnect();
  }, [place]);
  useLayoutEffect(() => {
    const box = place.current;
    if (!box) return;
    const origin = box.getBoundingClientRect();
    const at = new Map([...box.querySelectorAll<HTMLElement>("[data-node]")].map((each) => [each.dataset.node ?? "", each.getBoundingClientRect()]));
    const byId = new Map(nodes.map((node) => [node.step.key, node]));
    const found = nodes.flatMap((node) =>
      node.step.after.flatMap((id): Edge[] => {
        const from = at.get(id);
        const to = at.get(node.step.key);
        const before = byId.get(id);
        if (!from || !to || !before) return [];
        const isDown = before.step.stage === node.step.stage;
        const state = node.state === "running" ? "running" : node.runs.length > 0 || node.state === "kept" ? "done" : "waiting";
        return [{ key: `${id}>${node.step.key}`, path: isDown ? down(from, to, origin) : across(from, to, origin), state }];
      }),
    );
    setEdges((known) => (JSON.stringify(known) === JSON.stringify(found) ? known : found));
  }, [place, nodes, size]);
  return edges;
}

function down(from: DOMRect, to: DOMRect, origin: DOMRect): string {
  const [x1, y1] = [from.x + from.width / 2 - origin.x, from.bottom - origin.y];
  const [x2, y2] = [to.x + to.width / 2 - origin.x, to.y - origin.y];
  const middle = (y1 + y2) / 2;
  return `M${x1} ${y1} C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}`;
}

function across(from: DOMRect, to: DOMRect, origin: DOMRect): string {
  const [x1, y1] = [from.right - origin.x, from.y + from.height / 2 - origin.y];
  const [x2, y2] = [to.x - origin.x, to.y + to.height / 2 - origin.y];
  const middle = (x1 + x2) / 2;
  return `M${x1} ${y1} C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
}
