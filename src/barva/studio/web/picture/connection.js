// Whether the server is reached, and a banner while it is not. What only the server can do lies still meanwhile.

import { el } from "./dom.js";

const STILL = ".b-panel, .b-bar, .b-strip, .b-options, .b-welcome, .b-notice";
const LONG = 6000; // milliseconds that a word after the reconnection stays

export class Connection {
  /** `changed(online)` hears when the server is lost and when it is back. */
  constructor(words, changed) {
    Object.assign(this, { words, changed });
    this.online = true;
    this.line = el("span");
    this.banner = el("div", { class: "b-lost", role: "alert", hidden: true }, this.line);
    document.body.append(this.banner);
    const hook = () => {
      if (this.closed) return;
      if (!window.socket) return setTimeout(hook, 50); // the framework makes it after its elements
      this.socket = window.socket;
      this.socket.on("disconnect", this.lost = () => this.#set(false));
      this.socket.on("connect", this.back = () => this.#set(true));
      if (this.socket.connected) this.changed(true);
    };
    hook();
  }

  #set(online) {
    if (online === this.online) return;
    this.online = online;
    for (const part of document.querySelectorAll(STILL)) part.inert = !online;
    this.say(online ? "" : `${this.words["connection"]} ${this.words["connection.kept"]}`);
    this.changed(online);
  }

  /** A line in the banner; none takes the banner away. */
  say(text, fleeting = false) {
    clearTimeout(this.due);
    this.line.textContent = text;
    this.banner.hidden = !text;
    if (fleeting) this.due = setTimeout(() => this.say(""), LONG);
  }

  /** Something was wanted that only the server can do. */
  refuse() {
    this.say(`${this.words["connection"]} ${this.words["connection.needed"]}`);
  }

  close() {
    this.closed = true;
    this.socket?.off("disconnect", this.lost);
    this.socket?.off("connect", this.back);
    this.banner.remove();
  }
}
