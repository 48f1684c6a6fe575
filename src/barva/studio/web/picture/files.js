// Photos come by drop, by paste and by the file dialog; each is sent as raw bytes, its name beside it. Results are saved.

import { el } from "./dom.js";

const AT_A_TIME = 3;
const PAUSE = 250; // ms between what the page hears while many files come

/** Send one file; `say(share)` hears how much of it is through. Resolves to the server's answer. */
function send(address, file, say) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("X-File-Name", encodeURIComponent(file.name || "pasted.png"));
    request.upload.onprogress = (event) => event.lengthComputable && say(event.loaded / event.total);
    request.onload = () => {
      let answer = {};
      try {
        answer = JSON.parse(request.responseText);
      } catch { /* a proxy's page, or nothing */ }
      resolve(request.status < 300 ? answer : { error: answer.error?.message ?? `${request.status}` });
    };
    request.onerror = () => resolve({ error: "network" });
    request.send(file);
  });
}

/** Give what lies at an address to the browser's downloads. Resolves to its name, and to what is wrong, if anything: a
 * link alone would fail without a word. */
export async function save(address) {
  const answer = await fetch(address).catch(() => null);
  const file = answer?.ok && (await answer.blob().catch(() => null));
  if (!file) return { error: (await answer?.json().catch(() => null))?.error?.message ?? "network" };
  const name = decodeURIComponent(/filename\*=UTF-8''([^;]+)/.exec(answer.headers.get("content-disposition"))?.[1] ?? "");
  const href = URL.createObjectURL(file);
  el("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
  return { name };
}

/** Let the browser load what may be too large for a page's memory. */
export function download(address) {
  el("a", { href: address, download: "" }).click();
}

export class Files {
  /** `text` is shown while files hover over the window; `tell(event, data)` speaks to the server's page. */
  constructor(text, tell) {
    this.tell = tell;
    const veil = (this.veil = el("div", { class: "b-veil", hidden: true }, el("p", { text })));
    document.body.append(veil);
    this.address = "";
    this.input = Object.assign(document.createElement("input"), { type: "file", multiple: true, hidden: true });
    this.input.addEventListener("change", () => {
      this.take(this.input.files, this.purpose);
      this.input.value = "";
    });
    document.body.append(this.input);
    this.ends = new AbortController();
    const on = (name, hand) => window.addEventListener(name, hand, { signal: this.ends.signal });
    let depth = 0;
    on("dragenter", (event) => this.#carries(event) && depth++ === 0 && (veil.hidden = false));
    on("dragleave", () => depth > 0 && --depth === 0 && (veil.hidden = true));
    on("dragover", (event) => this.#carries(event) && event.preventDefault());
    on("drop", (event) => {
      depth = 0;
      veil.hidden = true;
      if (!this.#carries(event)) return;
      event.preventDefault();
      this.take(event.dataTransfer.files);
    });
    on("paste", (event) => event.clipboardData?.files.length && this.take(event.clipboardData.files));
  }

  #carries(event) {
    return [...(event.dataTransfer?.types ?? [])].includes("Files");
  }

  /** Open the file dialog; `accept` as in HTML, `purpose` goes with the files that are chosen there, and no others. */
  ask(purpose, accept, multiple) {
    this.purpose = purpose;
    this.input.accept = accept;
    this.input.multiple = multiple;
    this.input.click();
  }

  /** Send files, a few at a time; scenes last, for their photos may be among the others. */
  async take(list, purpose = "photo") {
    const all = [...list], scenes = purpose === "photo" ? all.filter(isScene) : [];
    const files = all.filter((file) => !scenes.includes(file));
    const address = `${this.address}&purpose=${purpose}`; // of the photo that is shown now
    const turns = new Turns(files.length, purpose, this.tell);
    const next = async () => {
      for (let at = turns.begin(); at < files.length; at = turns.begin()) {
        turns.say(files[at].name, 0);
        turns.end(at, files[at].name, await send(`${address}&drop=${turns.drop}&number=${at}`, files[at], (share) => turns.say(files[at].name, share)));
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, next));
    const photos = turns.close().filter((answer) => answer.key);
    if (this.scene && purpose === "photo" && photos.length) { // one that waited for the photo that was just chosen
      const held = this.scene;
      this.scene = null;
      await this.#sendScene(held, photos.length === 1 ? photos[0].key : "");
    }
    for (const file of scenes) await this.#sendScene(file, photos.length === 1 ? photos[0].key : files.length ? "" : null);
  }

  /** A scene for the photo with this key, for the one that is shown (null), or for the one that it names (""). */
  async #sendScene(file, key) {
    const address = key === null ? this.address : this.address.replace(/work=.*$/, `work=${key}`);
    const answer = await send(`${address}&purpose=photo`, file, () => {});
    if (answer.waits !== undefined) {
      this.scene = file;
      this.tell("waits", { name: file.name, photo: answer.waits });
    } else this.tell("uploaded", { purpose: "photo", files: [{ name: file.name, ...answer }] });
  }

  /** Nobody has the photo of the scene that waits for it. */
  forget() {
    this.scene = null;
  }

  close() {
    this.ends.abort();
    this.input.remove();
    this.veil.remove();
  }
}

const isScene = (file) => /\.(jsonld|json)$/i.test(file.name);

/** Which file is sent next, and what the page hears of it: of many files at once, so that it can keep up. */
class Turns {
  constructor(count, purpose, tell) {
    Object.assign(this, { count, purpose, tell });
    this.drop = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
    this.next = this.said = this.sent = 0;
    this.answers = [];
    this.all = [];
  }

  begin() {
    return this.next++;
  }

  say(name, share) {
    if (this.said && performance.now() - this.said < PAUSE) return;
    this.said = performance.now();
    this.tell("uploading", { name, share, index: this.all.length, count: this.count });
  }

  end(index, name, answer) {
    this.answers.push({ name, index, ...answer });
    this.all.push(answer);
    if (this.count > 1 && performance.now() - this.sent < PAUSE && this.all.length > 1) return;
    this.#flush();
  }

  #flush() {
    this.sent = performance.now();
    const files = this.answers;
    this.answers = [];
    if (files.length) this.tell("uploaded", { purpose: this.purpose, files, left: this.count - this.all.length });
  }

  /** All is sent: every answer. */
  close() {
    this.#flush();
    return this.all;
  }
}
