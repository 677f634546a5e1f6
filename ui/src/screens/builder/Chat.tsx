// The conversation: what was said, answers to pick from, and the box to write in.
import { ArrowUp, BotOff, LoaderCircle, PencilLine } from "lucide-react";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { ApiError } from "../../api/client";
import type { Workflow, WorkflowMessage } from "../../api/workflowTypes";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { Notice } from "../../shared/Panel";
import { InlineError } from "../../shared/Placeholder";
import { mayEdit } from "../workflows/standing";
import { ideas, openness, type Forms } from "./conversation";
import { deskOf, useSlots } from "./desk";
import { EditButton } from "./EditButton";
import { useSay } from "./useSay";
import styles from "./Side.module.css";

interface Props {
  workflow: Workflow | null;
  forms: Forms | null;
  onForm: () => void;
}

export function Chat({ workflow, forms, onForm }: Props) {
  const mayWrite = useMay("builder.write");
  const slots = useSlots(deskOf(workflow?.id ?? null));
  const { pending, isSending, failed, error, say } = useSay(workflow);
  const [text, setText] = useState("");
  const box = useRef<HTMLTextAreaElement>(null);
  const end = useRef<HTMLDivElement>(null);
  // The first words were written on the screen before this one.
  const isToSay = workflow !== null && deskOf(workflow.id).waiting !== null;
  const wantsKeys = useRef(isToSay);
  const messages = workflow?.messages ?? [];
  const isAnswering = isToSay || isSending || messages.at(-1)?.is_in_flight === true;
  const { isOpen, placeholder } = openness({ workflow, slots, forms, mayWrite, isSending: isAnswering });
  const status = workflow?.current_version?.status;
  useEffect(() => {
    if (failed !== null) setText((now) => (now === "" ? failed : now));
  }, [failed]);
  useEffect(() => {
    end.current?.scrollIntoView({ block: "end" });
  }, [messages.length, pending, isAnswering]);

  // The box closes while an answer is awaited, and takes the keyboard back when it opens again. With the last file's
  // approval the button that gave it is gone, and the words are next.
  const wasOpen = useRef(isOpen);
  useEffect(() => {
    const isNext = workflow === null && !wasOpen.current && document.activeElement === document.body;
    wasOpen.current = isOpen;
    if (!isOpen || !(wantsKeys.current || isNext)) return;
    wantsKeys.current = false;
    box.current?.focus();
  }, [isOpen, workflow]);

  function send(words: string) {
    const content = words.trim();
    if (content === "" || !isOpen) return;
    wantsKeys.current = document.activeElement === box.current;
    setText("");
    say(content);
  }

  function press(event: KeyboardEvent) {
    // While a word is being composed, Enter ends the word.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send(text);
  }

  function take(idea: string) {
    setText(idea);
    box.current?.focus();
  }

  const last = messages.at(-1);
  // Words that came too early may be sent again once the box is open, and then the refusal is no longer true.
  const isOutOfDate = isOpen && error instanceof ApiError && error.status === 409;
  const answers = isOpen && !pending && last?.role === "assistant" ? last.suggestions : [];
  return (
    <>
      <div className={styles.talk} role="log" aria-label="Conversation" tabIndex={0}>
        {forms && !forms.llm.available && <NoModel reason={forms.llm.reason} onForm={onForm} />}
        {messages.length === 0 && !pending && forms?.llm.available !== false && <Opening isOpen={isOpen} ideas={isOpen ? ideas(slots) : []} onTake={take} />}
        {messages.map((message) => (
          <Bubble key={message.id} message={message} />
        ))}
        {pending !== null && <div className={styles.mine}>{pending}</div>}
        {isAnswering && (
          <div className={styles.thinking} role="status">
            <LoaderCircle size={14} className={styles.spins} aria-hidden /> {messages.length <= 1 ? "Checking whether this can be done" : "Reading your answer"}
          </div>
        )}
        {answers.length > 0 && (
          <div className={styles.answers} role="group" aria-label="Suggested answers">
            {answers.map((answer) => (
              <button key={answer} type="button" className={styles.answer} onClick={() => send(answer)}>
                {answer}
              </button>
            ))}
          </div>
        )}
        <div ref={end} />
      </div>
      <div className={styles.compose}>
        <InlineError error={isOutOfDate ? null : error} />
        {workflow && mayEdit(workflow) && status !== "pending_user_approval" && <EditButton workflow={workflow} />}
        <div className={styles.box} data-off={!isOpen || undefined}>
          <textarea ref={box} aria-label="Message" rows={3} maxLength={8_000} placeholder={placeholder} disabled={!isOpen} value={text} onChange={(event) => setText(event.target.value)} onKeyDown={press} />
          <Button look="primary" size="small" icon={ArrowUp} aria-label="Send" disabled={!isOpen || text.trim() === ""} onClick={() => send(text)} />
        </div>
        {forms?.llm.available !== false && <p className={styles.hint}>What you write goes to the language model as you write it. Enter sends, Shift+Enter starts a new line.</p>}
      </div>
    </>
  );
}

function Bubble({ message }: { message: WorkflowMessage }) {
  return (
    <div className={message.role === "user" ? styles.mine : styles.theirs}>
      <span className="visually-hidden">{message.role === "user" ? "You: " : "Builder: "}</span>
      {message.content}
    </div>
  );
}

function Opening({ isOpen, ideas: found, onTake }: { isOpen: boolean; ideas: string[]; onTake: (idea: string) => void }) {
  return (
    <div className={styles.opening}>
      <PencilLine size={18} strokeWidth={1.6} aria-hidden />
      <h2>{isOpen ? "What should happen with the files?" : "First the files, then the words"}</h2>
      <p className="muted">
        {isOpen ? "Say it as you would to a colleague. You are asked back when something is unclear." : "Add your files at the right and approve what leaves of each. Then say here what should happen with them."}
      </p>
      {found.length > 0 && (
        <div className={styles.ideas} role="group" aria-label="Tasks to begin with">
          {found.map((idea) => (
            <button key={idea} type="button" className={styles.idea} onClick={() => onTake(idea)}>
              {idea}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

function NoModel({ reason, onForm }: { reason: string | null; onForm: () => void }) {
  const go = useGo();
  return (
    <Notice tone="attention" icon={<BotOff size={16} aria-hidden />}>
      <p>{reason ?? "No language model is set up, so nothing can read what you write."}</p>
      <div className={styles.ways}>
        <Button size="small" look="primary" onClick={onForm}>
          Use the form
        </Button>
        <Button size="small" onClick={() => go(paths.settings("llms"))}>
          Add a language model
        </Button>
      </div>
    </Notice>
  );
}
