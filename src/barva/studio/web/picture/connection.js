// Whether the server is reached, and a banner while it is not. What only the server can do is switched off meanwhile.

import { el } from "./dom.js";

const SERVER_ONLY = ".b-tabs, .b-panel-body > :not(.b-say), .b-bar, .b-tools, .b-strip, .b-options, .b-welcome, .b-notice";
const FLEETING = 6000; // milliseconds that a line after the reconnection stays

export class Connection {
  /** @param {Words} words @param {(online: boolean) => void} changed called when the server is lost and when it is back */
  constructor(words, changed) {
    this.words = words;
    this.changed = changed;
    this.online = true;
    this.closed = false;
    /** @type {Socket | undefined} */
    this.socket = undefined;
    this.line = el("span");
    this.banner = el("div", { class: "b-lost", role: "alert", hidden: true }, this.line);
    document.body.append(this.banner);
    this.disconnected = () => this.#set(false);
    this.connected = () => this.#set(true);
    this.#hook();
  }

  #hook() {
    if (this.closed) return;
    this.socket = window.socket;
    if (!this.socket) return void setTimeout(() => this.#hook(), 50); // the framework makes it after its elements
    this.socket.on("disconnect", this.disconnected);
    this.socket.on("connect", this.connected);
    if (this.socket.connected) this.changed(true);
  }

  /** @param {boolean} online */
  #set(online) {
    if (online === this.online) return;
    this.online = online;
    for (const part of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(SERVER_ONLY))) part.inert = !online;
    this.show(online ? "" : `${this.words["connection"]} ${this.words["connection.kept"]}`);
    this.changed(online);
  }

  /** A line in the banner; an empty one takes the banner away. @param {string} text */
  show(text, fleeting = false) {
    clearTimeout(this.due);
    this.line.textContent = text;
    this.banner.hidden = !text;
    if (fleeting) this.due = setTimeout(() => this.show(""), FLEETING);
  }

  /** The person tried something that only the server can do. */
  refuse() {
    this.show(`${this.words["connection"]} ${this.words["connection.needed"]}`);
  }

  close() {
    this.closed = true;
    this.socket?.off("disconnect", this.disconnected);
    this.socket?.off("connect", this.connected);
    this.banner.remove();
  }
}
