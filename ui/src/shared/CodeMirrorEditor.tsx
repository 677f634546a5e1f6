// The editor itself. It lives in a shadow root, where its styles are constructed sheets that the CSP allows.
import { autocompletion, closeBrackets, completionKeymap, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import {
  Decoration, drawSelection, EditorView, keymap, lineNumbers, MatchDecorator, placeholder as placeholderText, ViewPlugin, type DecorationSet, type ViewUpdate,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useImperativeHandle, useRef } from "react";
import type { CodeEditorProps } from "./CodeEditor";
import { templateMarks } from "./templateMarks";

const LOOK = EditorView.theme({
  "&": { fontSize: "13px", color: "var(--text)", backgroundColor: "transparent" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "20px", fontFeatureSettings: '"liga" 0' },
  ".cm-content": { padding: "8px 0", caretColor: "var(--text)" },
  ".cm-line": { padding: "0 12px" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-placeholder": { color: "var(--text-3)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "light-dark(#d9d9fa, #3a3a78) !important" },
  ".cm-matchingBracket": { backgroundColor: "var(--pressed) !important" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--text-3)", border: "none", fontSize: "12px" },
  ".cm-reference": { color: "var(--accent-text)", backgroundColor: "var(--accent-soft)", borderRadius: "4px", padding: "1px 1px", fontWeight: "500" },
  ".cm-reference-unknown": { color: "var(--failed)", backgroundColor: "var(--failed-soft)", textDecoration: "underline wavy var(--failed-fill)", textUnderlineOffset: "3px" },
  ".cm-control": { color: "var(--code-word)", fontWeight: "500" },
  ".cm-include": { color: "var(--working)", backgroundColor: "var(--working-soft)", borderRadius: "4px", fontWeight: "500" },
  ".cm-tooltip": { border: "none", borderRadius: "8px", backgroundColor: "var(--raised)", boxShadow: "var(--float)", overflow: "hidden" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--font)", fontSize: "13px", maxHeight: "220px", padding: "4px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "4px 8px", borderRadius: "5px", lineHeight: "20px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--float-hover)", color: "var(--text)" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "600" },
});

const COLOURS = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--code-key)" },
  { tag: tags.string, color: "var(--code-text)" },
  { tag: tags.number, color: "var(--code-number)" },
  { tag: [tags.bool, tags.null], color: "var(--code-word)" },
]);

const REFERENCE = /\{\{\s*([^{}]+?)\s*\}\}/g;

/** Marks each `{{Column}}`, and differently when there is no such column. */
function references(columns: string[] | undefined): Extension {
  const known = columns && new Set(columns.map((each) => each.toLowerCase()));
  const matcher = new MatchDecorator({
    regexp: REFERENCE,
    decoration: (match) => {
      const isKnown = !known || known.has((match[1] ?? "").toLowerCase());
      return Decoration.mark({
        class: isKnown ? "cm-reference" : "cm-reference cm-reference-unknown",
        attributes: isKnown ? undefined : { title: `There is no column “${match[1]}” before this one.` },
      });
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
  return [marks, autocompletion({ override: columns ? [completeFrom(columns)] : [], icons: false })];
}

function marksOf(mode: CodeEditorProps["mode"], names: string[] | undefined): Extension {
  return mode === "template" ? templateMarks(names) : references(names);
}

function completeFrom(columns: string[]) {
  return (context: CompletionContext): CompletionResult | null => {
    const before = context.matchBefore(/\{\{[^{}]*$/);
    if (!before) return null;
    const closes = context.state.sliceDoc(context.pos, context.pos + 2) === "}}" ? 2 : 0;
    return {
      from: before.from + 2,
      to: context.pos,
      options: columns.map((name) => ({
        label: name,
        apply: (view, _completion, from, to) => {
          view.dispatch({ changes: { from, to: to + closes, insert: `${name}}}` }, selection: { anchor: from + name.length + 2 } });
        },
      })),
      validFor: /^[^{}]*$/,
    };
  };
}

export default function CodeMirrorEditor({
  value, onChange, label, mode = "prompt", columns, placeholder, minHeight = 120, maxHeight = 480, isReadOnly = false, ref,
}: CodeEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(onChange);
  const referencesPart = useRef(new Compartment());
  const columnsKey = columns?.join("\n");

  useEffect(() => {
    latest.current = onChange;
  });

  useImperativeHandle(ref, () => ({
    insert: (text) => {
      const editor = view.current;
      if (!editor) return;
      editor.dispatch(editor.state.replaceSelection(text));
      editor.focus();
    },
  }));

  useEffect(() => {
    if (!host.current) return;
    const shadow = host.current.shadowRoot ?? host.current.attachShadow({ mode: "open" });
    const editor = new EditorView({
      parent: shadow,
      root: shadow,
      state: EditorState.create({
        doc: value,
        extensions: [
          LOOK,
          EditorView.theme({ ".cm-scroller": { minHeight: `${minHeight}px`, maxHeight: `${maxHeight}px` } }),
          history(),
          drawSelection(),
          closeBrackets(),
          bracketMatching(),
          EditorView.lineWrapping,
          keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap]),
          mode === "json" ? [json(), lineNumbers(), syntaxHighlighting(COLOURS)] : [mode === "template" ? lineNumbers() : [], referencesPart.current.of(marksOf(mode, columns))],
          placeholder ? placeholderText(placeholder) : [],
          EditorState.readOnly.of(isReadOnly),
          EditorView.contentAttributes.of({ "aria-label": label, "aria-multiline": "true" }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => {
      view.current = null;
      editor.destroy();
    };
    // Rebuilt only when it becomes another editor; text and columns are followed below.
  }, [mode, isReadOnly, label, placeholder, minHeight, maxHeight]);

  useEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() !== value) {
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
    }
  }, [value]);

  useEffect(() => {
    if (mode === "json") return;
    view.current?.dispatch({ effects: referencesPart.current.reconfigure(marksOf(mode, columnsKey?.split("\n"))) });
  }, [columnsKey, mode]);

  return <div ref={host} />;
}
