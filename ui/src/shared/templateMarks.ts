// How the text of a prompt is marked while it is written: variables, conditions, included prompts, and what is unknown.
import { autocompletion, type Completion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import type { Extension } from "@codemirror/state";
import { Decoration, MatchDecorator, ViewPlugin, type DecorationSet, type EditorView, type ViewUpdate } from "@codemirror/view";
import { INSIDE, subjectOf } from "./templateText";

/** Marks a prompt's text; with `inputs`, a variable that is not among them is underlined and says so. */
export function templateMarks(inputs: string[] | undefined): Extension {
  const known = inputs && new Set(inputs);
  const matcher = new MatchDecorator({
    regexp: INSIDE,
    decoration: (match) => {
      const inside = match[1] ?? "";
      const name = subjectOf(inside);
      if (inside.startsWith(">")) return Decoration.mark({ class: "cm-include", attributes: { title: "Another prompt stands here when it is sent." } });
      if (name === null) return Decoration.mark({ class: "cm-control" });
      if (known && !known.has(name)) {
        return Decoration.mark({ class: "cm-reference cm-reference-unknown", attributes: { title: `“${name}” is not among the inputs of this prompt.` } });
      }
      return Decoration.mark({ class: inside === name ? "cm-reference" : "cm-control" });
    },
  });
  const marks = ViewPlugin.fromClass(
    class {
      decorations: DecorationSet;
      constructor(view: EditorView) {
        this.decorations = matcher.createDeco(view);
      }
      update(update: ViewUpdate) {
        this.decorations = matcher.updateDeco(update, this.decorations);
      }
    },
    { decorations: (plugin) => plugin.decorations },
  );
  return [marks, autocompletion({ override: [(context) => complete(context, inputs ?? [])], icons: false })];
}

function complete(context: CompletionContext, inputs: string[]): CompletionResult | null {
  const before = context.matchBefore(/\{\{[^{}\n]*$/);
  if (!before) return null;
  const closes = context.state.sliceDoc(context.pos, context.pos + 2) === "}}" ? 2 : 0;
  const words = [...inputs, ...inputs.map((name) => `#if ${name}`), "else", "/if"];
  return {
    from: before.from + 2,
    to: context.pos,
    options: words.map((word): Completion => ({
      label: word,
      apply: (view, _completion, from, to) => {
        view.dispatch({ changes: { from, to: to + closes, insert: `${word}}}` }, selection: { anchor: from + word.length + 2 } });
      },
    })),
    validFor: /^[^{}\n]*$/,
  };
}
