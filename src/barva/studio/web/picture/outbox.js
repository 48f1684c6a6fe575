// Edits on their way to the server. Each is kept, through a reload too, until the server has done it; what a broken
// connection swallowed is sent again, in order. The server takes each number once (see inbox.py).

import { Connection } from "./connection.js";
import { Edits } from "./edits.js";

const KEY = "barva-unsent";
const EDITS = new Set(["mark", "move", "remove", "rename", "say"]);
const STEPS = new Set(["undo", "redo"]);
const QUIET = new Set(["spot", "untarget", "not-loaded", "radius", "uploading", "look", "select"]); // of no use later
const PATIENCE = 4000; // milliseconds without an answer after which an edit is sent again, and then given up
const NOTICE = 20_000; // milliseconds that the banner tells of edits that were given up

export class Outbox {
  /** @param {Words} words @param {Emit} send @param {() => Photo | null} photo the one that is shown
   * @param {() => void} changed called when other edits are unsent @param {() => void} back called when the server is back */
  constructor(words, send, photo, changed, back) {
    this.words = words;
    this.send = send;
    this.photo = photo;
    this.changed = changed;
    this.edits = new Edits(stored());
    this.resent = this.edits.list.length;
    this.connection = new Connection(words, (online) => {
      if (!online) return;
      if (this.edits.list.length) this.resent = this.edits.list.length;
      for (const edit of this.edits.list) edit.sent = 0;
      this.#sendAgain();
      back();
    });
    this.timer = setInterval(() => this.#sendAgain(), 500);
  }

  /** Send an event to the server's page; an edit gets there even if it takes a while. @type {Emit} */
  emit(event, data = {}) {
    // where no photo is shown, a step back is one of the list's, which has no numbers
    const photo = this.photo()?.key, step = event === "shortcut" && STEPS.has(String(data.name));
    if (!photo || data.final === false || !(EDITS.has(event) || step)) {
      if (this.connection.online) this.send(event, data);
      else if (!QUIET.has(event) && data.final !== false) this.connection.refuse();
      return;
    }
    const edit = this.edits.add(photo, event, data);
    this.#keep();
    if (this.connection.online) this.#send(edit);
    this.changed();
  }

  /** The server has done all up to number `n` of the sender `from`. @param {string} from @param {number} n */
  done(from, n) {
    if (!this.edits.confirm(from, n)) return;
    this.#keep();
    this.changed();
    if (this.edits.list.length || !this.resent) return;
    this.connection.show(this.words["connection.sent"], true);
    this.resent = 0;
  }

  /** The marks that the page knows, with the edits that are not there yet. @param {Mark[]} marks */
  applyTo(marks) {
    return this.edits.applyTo(marks, this.photo(), this.words);
  }

  /** @param {Edit} edit */
  #send(edit) {
    edit.sent = performance.now();
    edit.first ??= edit.sent;
    this.send(edit.event, this.edits.message(edit));
  }

  /** Send again what has had no answer for long; give up what belongs to a photo that is not shown any more. */
  #sendAgain() {
    if (!this.connection?.online || !window.did_handshake) return;
    const now = performance.now(), photo = this.photo()?.key, { list } = this.edits;
    const own = list.filter((edit) => edit.work === photo), stray = list.filter((edit) => edit.work !== photo);
    if (own.some((edit) => now - edit.sent > PATIENCE || !edit.sent)) own.forEach((edit) => this.#send(edit));
    for (const edit of stray) edit.first ??= now;
    if (!stray.some((edit) => now - (edit.first ?? now) > 2 * PATIENCE)) return;
    this.edits.list = own;
    this.#keep();
    this.connection.show(this.words["connection.lost"].replace("{n}", String(stray.length)));
    setTimeout(() => this.connection.online && this.connection.show(""), NOTICE);
  }

  #keep() {
    try {
      const { text } = this.edits;
      if (text) sessionStorage[KEY] = text;
      else delete sessionStorage[KEY];
    } catch { /* the window keeps them as long as it is open */ }
  }

  close() {
    clearInterval(this.timer);
    this.connection.close();
  }
}

/** @returns {string | undefined} */
function stored() {
  try {
    return sessionStorage[KEY];
  } catch { /* a browser that keeps nothing */ }
}
