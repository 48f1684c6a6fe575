// Edits on their way to the server. Each has a number and is kept, through a reload too, until the server says that it is
// done; what a broken connection swallowed is sent again, in order. The server takes each number once (see inbox.py).

import { Connection } from "./connection.js";

const KEY = "barva-unsent";
const EDITS = new Set(["mark", "move", "remove", "rename"]);
const STEPS = new Set(["undo", "redo"]);
const QUIET = new Set(["spot", "untarget", "untold", "radius", "uploading", "look", "select"]); // of no use later
const PATIENCE = 4000; // milliseconds without an answer after which an edit is sent again, and then given up

export class Outbox {
  /** `send(event, data)` speaks to the server's page, `photo()` is the key of the photo that is shown, `changed()` hears
   * that other edits are unsent. */
  constructor(words, send, photo, changed, back) {
    Object.assign(this, { words, send, photo, changed });
    this.#load();
    this.resent = this.edits.length;
    this.connection = new Connection(words, (online) => {
      if (!online) return;
      if (this.edits.length) this.resent = this.edits.length;
      for (const edit of this.edits) edit.sent = 0;
      this.#again();
      back?.();
    });
    this.timer = setInterval(() => this.#again(), 500);
  }

  /** Tell the server's page of an event; an edit gets there even if it takes a while. */
  tell(event, data = {}) {
    // where no photo is shown, a step back is one of the list's, which has no numbers
    const edit = this.photo() && data.final !== false && (EDITS.has(event) || (event === "shortcut" && STEPS.has(data.name)));
    if (!edit) {
      if (this.connection.online) this.send(event, data);
      else if (!QUIET.has(event) && data.final !== false) this.connection.refuse();
      return;
    }
    if (!this.edits.length) Object.assign(this, { from: crypto.getRandomValues(new Uint32Array(4)).join("-"), next: 1 });
    const made = { n: this.next++, work: this.photo(), event, data, sent: 0 };
    this.edits.push(made);
    this.#keep();
    if (this.connection.online) this.#send(made);
    this.changed();
  }

  /** The server has done all up to number `n` of the sender `from`. */
  done(from, n) {
    if (from !== this.from) return;
    this.edits = this.edits.filter((edit) => edit.n > n);
    this.#keep();
    this.changed();
    if (this.edits.length || !this.resent) return;
    this.connection.say(this.words["connection.sent"], true);
    this.resent = 0;
  }

  #send(edit) {
    edit.sent = performance.now();
    edit.first ??= edit.sent;
    this.send(edit.event, { ...edit.data, sender: { from: this.from, n: edit.n, first: this.edits[0].n, work: edit.work } });
  }

  /** Send again what has had no answer for long; give up what belongs to a photo that is not shown any more. */
  #again() {
    if (!this.connection?.online || !window.did_handshake) return;
    const now = performance.now(), own = this.edits.filter((edit) => edit.work === this.photo());
    if (own.some((edit) => now - edit.sent > PATIENCE || !edit.sent)) own.forEach((edit) => this.#send(edit));
    const stray = this.edits.filter((edit) => edit.work !== this.photo());
    for (const edit of stray) edit.first ??= now;
    if (!stray.some((edit) => now - edit.first > 2 * PATIENCE)) return;
    this.edits = own;
    this.#keep();
    this.connection.say(this.words["connection.lost"].replace("{n}", stray.length));
    setTimeout(() => this.connection.online && this.connection.say(""), 20_000);
  }

  /** The marks that the page knows, with what the edits that are not there yet make of them. */
  over(marks) {
    let list = [...marks];
    for (const { event, data, work } of this.edits) {
      if (work !== this.photo()) continue;
      const old = list.find((mark) => mark.id === data.id);
      if (event === "remove") list = list.filter((mark) => mark !== old);
      if (event !== "mark") continue;
      if (old) list = list.map((mark) => (mark === old ? { ...mark, color: data.color } : mark));
      else if (data.kind !== "region") list.push(drawn(data, this.words));
    }
    return list;
  }

  #load() {
    Object.assign(this, { edits: [], from: "", next: 1 });
    try {
      Object.assign(this, JSON.parse(sessionStorage[KEY] ?? "{}"));
      this.edits.forEach((edit) => Object.assign(edit, { sent: 0, first: undefined }));
    } catch { /* nothing was kept, or nothing can be */ }
  }

  #keep() {
    try {
      const { edits, from, next } = this;
      if (edits.length) sessionStorage[KEY] = JSON.stringify({ edits, from, next });
      else delete sessionStorage[KEY];
    } catch { /* the window keeps them as long as it is open */ }
  }

  close() {
    clearInterval(this.timer);
    this.connection.close();
  }
}

/** A mark that the server does not know yet, as the picture draws it. */
function drawn(data, words) {
  const { at, along, box, color, kind } = data;
  const handle = at ?? along?.at(-1) ?? [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
  const place = handle.map(Math.round).join(", ");
  return { ...data, handle, title: words[kind], name: "", label: `${words[kind]}, ${color}, ${place}`, off: false };
}
