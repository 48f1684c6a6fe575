// Keyboard shortcuts of the whole page; fields keep their keys, and dialogs theirs.

export const SHORTCUTS = {
  h: "tool:hand", p: "tool:point", s: "tool:stroke", b: "tool:box", o: "tool:grow", l: "tool:lasso", r: "tool:brush",
  c: "compare", "\\": "peek", "+": "zoom:in", "=": "zoom:in", "-": "zoom:out", 0: "zoom:fit", 1: "zoom:full",
  Delete: "remove", Backspace: "remove", "?": "help", "[": "thinner", "]": "wider", i: "confidence", Escape: "escape",
};
const WITH_CONTROL = { z: "undo", y: "redo", s: "save", o: "open" };
// the same keys under a Ukrainian layout: what is printed on the key does not count, but where it lies
const PLACES = { KeyH: "h", KeyP: "p", KeyS: "s", KeyB: "b", KeyO: "o", KeyL: "l", KeyR: "r", KeyC: "c", KeyI: "i",
  KeyZ: "z", KeyY: "y", BracketLeft: "[", BracketRight: "]", Backslash: "\\" };

const NO_TEXT = ["range", "checkbox", "radio", "color", "button", "submit", "file"].map((kind) => `:not([type=${kind}])`).join("");
const writes = (node) => node instanceof Element && node.closest(`input${NO_TEXT}, textarea, select, [contenteditable]`);
const unfinished = new WeakSet(); // fields with something written that is not taken over: undo is theirs

function followed(event) {
  if (event.type === "input" && writes(event.target)) unfinished.add(event.target);
  else if (event.type !== "keydown" || event.key === "Enter") unfinished.delete(event.target);
}

/** Calls `act(name, event)`; `peek` is also told when its key is let go. Returns what ends it. */
export function shortcuts(act) {
  const ends = new AbortController();
  const key = (event) => (/^[\x20-\x7e]$/.test(event.key) || event.key.length > 1 ? event.key : PLACES[event.code] ?? event.key);
  for (const name of ["input", "change", "focusout", "keydown"])
    window.addEventListener(name, followed, { capture: true, signal: ends.signal });
  window.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    const plain = key(event).length === 1 ? key(event).toLowerCase() : key(event);
    const dialog = document.querySelector(".q-dialog, dialog[open]"), field = writes(event.target);
    if ((event.ctrlKey || event.metaKey) && !event.altKey) {
      const name = plain === "z" && event.shiftKey ? "redo" : WITH_CONTROL[plain];
      const steps = name === "undo" || name === "redo";
      if (!name || (steps && (dialog || unfinished.has(field)))) return;
      event.preventDefault();
      return dialog ? undefined : act(name, event);
    }
    if (dialog || field) return;
    if (event.altKey || !(plain in SHORTCUTS)) return;
    if (plain === "Backspace" || plain === "Delete") event.preventDefault();
    if (!event.repeat || /zoom|thinner|wider/.test(SHORTCUTS[plain])) act(SHORTCUTS[plain], event);
  }, { signal: ends.signal });
  window.addEventListener("keyup", (event) => key(event) === "\\" && act("unpeek", event), { signal: ends.signal });
  return () => ends.abort();
}
