// Photos come by drop, by paste and by the file dialog; each is sent as raw bytes, its name beside it. Results are saved.

import { el } from "./dom.js";

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

/** Give what lies at an address to the browser's downloads. Resolves to what is wrong, or to nothing: a link alone would
 * fail without a word. */
export async function save(address) {
  const answer = await fetch(address).catch(() => null);
  const file = answer?.ok && (await answer.blob().catch(() => null));
  if (!file) return (await answer?.json().catch(() => null))?.error?.message ?? "network";
  const name = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get("content-disposition"))?.[1] ?? "";
  const href = URL.createObjectURL(file);
  el("a", { href, download: decodeURIComponent(name) }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
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

  async take(list, purpose = "photo") {
    const files = [...list], address = `${this.address}&purpose=${purpose}`; // of the photo that is shown now
    for (const [i, file] of files.entries()) {
      const say = (share) => this.tell("uploading", { name: file.name, share, index: i, count: files.length });
      say(0);
      const answer = await send(address, file, throttled(say));
      this.tell("uploaded", { name: file.name, purpose, index: i, count: files.length, ...answer });
    }
  }

  close() {
    this.ends.abort();
    this.input.remove();
    this.veil.remove();
  }
}

function throttled(say) {
  let last = 0;
  return (share) => {
    if (share < 1 && performance.now() - last < 150) return;
    last = performance.now();
    say(share);
  };
}
