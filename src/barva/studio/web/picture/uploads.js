// Single files on their way: up, with how far they are, and down into the browser's downloads.

import { el } from "./dom.js";

const PAUSE = 250; // milliseconds between messages to the page while many files come

/** What the server makes of a file: a photo's key, a film's id, the photo that a scene waits for, or an error's text.
 * @typedef {{ key?: string, film?: string, waits?: string, error?: string, [other: string]: unknown }} Answer */

/** @param {File} file */
export const isScene = (file) => /\.(jsonld|json)$/i.test(file.name);

/** @param {{ name: string, type: string }} file */
export const isFilm = (file) => file.type.startsWith("video/") || /\.(mp4|m4v|mov|mkv|webm|avi|ts|m2ts|mts|nut|mpe?g|vob|wmv|asf|flv|ogv|mxf|dv|3gp)$/i.test(file.name);

/** Send one file as raw bytes, its name beside it.
 * @param {string} address @param {File} file @param {(share: number) => void} progress @returns {Promise<Answer>} */
export function send(address, file, progress) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("X-File-Name", encodeURIComponent(file.name || "pasted.png"));
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onload = () => {
      let answer;
      try {
        answer = JSON.parse(request.responseText);
      } catch { /* a proxy's page, or nothing */ }
      resolve(request.status < 300 ? (answer ?? {}) : { error: answer?.error?.message ?? `${request.status}` });
    };
    request.onerror = () => resolve({ error: "network" });
    request.send(file);
  });
}

/** Give what lies at an address to the browser's downloads. Resolves to its name, or to what is wrong: a link alone would
 * fail without a word. @param {string} address @returns {Promise<{ name: string } | { error: string }>} */
export async function save(address) {
  const response = await fetch(address).catch(() => null);
  const blob = response?.ok ? await response.blob().catch(() => null) : null;
  if (!response || !blob) return { error: (await response?.json().catch(() => null))?.error?.message ?? "network" };
  const href = URL.createObjectURL(blob), name = fileName(response.headers.get("content-disposition"));
  el("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
  return { name };
}

/** The name in a Content-Disposition (RFC 6266), or "". @param {string | null} header */
export function fileName(header) {
  return decodeURIComponent(/filename\*=UTF-8''([^;]+)/.exec(header ?? "")?.[1] ?? "");
}

/** Let the browser load what may be too large for a page's memory. @param {string} address */
export function download(address) {
  el("a", { href: address, download: "" }).click();
}

/** Files that come at once: which is sent next, and when the page gets a message, so that it can keep up. */
export class Batch {
  /** @param {number} count @param {string} purpose @param {Emit} emit */
  constructor(count, purpose, emit) {
    this.count = count;
    this.purpose = purpose;
    this.emit = emit;
    this.id = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
    this.next = 0;
    this.reported = this.flushed = 0; // when
    this.followed = ""; // name of the file that is told of: one at a time, though several are on their way
    /** @type {(Answer & { name: string, index: number })[]} not yet in a message */
    this.pending = [];
    /** @type {Answer[]} */
    this.answers = [];
  }

  /** The index of the file to send next. */
  begin() {
    return this.next++;
  }

  /** @param {string} name @param {number} share of the file that is through */
  progress(name, share) {
    if (this.followed && this.followed !== name) return;
    if (this.reported && performance.now() - this.reported < PAUSE) return;
    this.followed = name;
    this.reported = performance.now();
    this.emit("uploading", { name, share, index: this.answers.length, count: this.count });
  }

  /** @param {number} index @param {string} name @param {Answer} answer */
  end(index, name, answer) {
    this.pending.push({ name, index, ...answer });
    this.answers.push(answer);
    if (this.followed === name) this.followed = "";
    if (this.count > 1 && performance.now() - this.flushed < PAUSE && this.answers.length > 1) return;
    this.#flush();
  }

  #flush() {
    this.flushed = performance.now();
    const files = this.pending;
    this.pending = [];
    if (files.length) this.emit("uploaded", { purpose: this.purpose, files, left: this.count - this.answers.length });
  }

  /** All is sent: every answer. */
  close() {
    this.#flush();
    return this.answers;
  }
}
