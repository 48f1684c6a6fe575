// Keyboard shortcuts of the whole page; fields keep their keys, and dialogs theirs.

/** @type {Record<string, string>} */
export const SHORTCUTS = {
  h: "tool:hand", p: "tool:point", s: "tool:stroke", b: "tool:box", o: "tool:grow", l: "tool:lasso", r: "tool:brush",
  c: "compare", "\\": "peek", "+": "zoom:in", "=": "zoom:in", "-": "zoom:out", 0: "zoom:fit", 1: "zoom:full",
  Delete: "remove", Backspace: "remove", "?": "help", "[": "thinner", "]": "wider", i: "confidence", Escape: "escape",
};
/** @type {Record<string, string>} */
const WITH_CONTROL = { z: "undo", y: "redo", s: "save", o: "open" };
// the same keys under a Ukrainian layout: what is printed on the key does not count, but where it lies
/** @type {Record<string, string>} */
const PLACES = { KeyH: "h", KeyP: "p", KeyS: "s", KeyB: "b", KeyO: "o", KeyL: "l", KeyR: "r", KeyC: "c", KeyI: "i",
  KeyZ: "z", KeyY: "y", BracketLeft: "[", BracketRight: "]", Backslash: "\\" };

const NO_TEXT = ["range", "checkbox", "radio", "color", "button", "submit", "file"].map((kind) => `:not([type=${kind}])`).join("");
/** @type {WeakSet<EventTarget>} fields with something written that is not taken over: undo is theirs */
const unfinished = new WeakSet();

/** The field that an event's key would write into. @param {Event} event */
function fieldOf(event) {
  return event.target instanceof Element ? event.target.closest(`input${NO_TEXT}, textarea, select, [contenteditable]`) : null;
}

/** @param {Event} event */
function followField(event) {
  if (!event.target) return;
  if (event.type === "input" && fieldOf(event)) unfinished.add(event.target);
  else if (!(event instanceof KeyboardEvent) || event.key === "Enter") unfinished.delete(event.target);
}

/** The key as a Latin layout has it, letters in lower case. @param {{ key: string, code: string }} event */
export function keyOf({ key, code }) {
  const latin = /^[\x20-\x7e]$/.test(key) || key.length > 1 ? key : (PLACES[code] ?? key);
  return latin.length === 1 ? latin.toLowerCase() : latin;
}

/** The name of what Ctrl or Cmd does with a key. @param {string} key @param {boolean} shift */
export const controlShortcut = (key, shift) => (key === "z" && shift ? "redo" : WITH_CONTROL[key]);

/** Call `act(name)` at each shortcut, and with "unpeek" when the key of `peek` is let go, or may be: another window gets what
 * is let go after Alt+Tab. Returns what ends it.
 * @param {(name: string) => void} act */
export function shortcuts(act) {
  const ends = new AbortController();
  for (const name of ["input", "change", "focusout", "keydown"])
    window.addEventListener(name, followField, { capture: true, signal: ends.signal });
  window.addEventListener("keydown", (event) => press(event, act), { signal: ends.signal });
  window.addEventListener("keyup", (event) => keyOf(event) === "\\" && act("unpeek"), { signal: ends.signal });
  window.addEventListener("blur", () => act("unpeek"), { signal: ends.signal });
  return () => ends.abort();
}

/** @param {KeyboardEvent} event @param {(name: string) => void} act */
function press(event, act) {
  if (event.defaultPrevented) return;
  const key = keyOf(event), dialog = document.querySelector(".q-dialog, dialog[open]"), field = fieldOf(event);
  if ((event.ctrlKey || event.metaKey) && !event.altKey) {
    const name = controlShortcut(key, event.shiftKey), steps = name === "undo" || name === "redo";
    if (!name || (steps && (dialog || (field && unfinished.has(field))))) return;
    event.preventDefault();
    if (!dialog) act(name);
    return;
  }
  if (dialog || field || event.altKey || !(key in SHORTCUTS)) return;
  if (key === "Backspace" || key === "Delete") event.preventDefault();
  if (!event.repeat || /zoom|thinner|wider/.test(SHORTCUTS[key])) act(SHORTCUTS[key]);
}
