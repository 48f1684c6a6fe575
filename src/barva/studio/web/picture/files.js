// Photos come by drop, by paste and by the file dialog; a few files are sent at a time, each as raw bytes.

import { el } from "./dom.js";
import { Batch, isFilm, isScene, send } from "./uploads.js";

const AT_A_TIME = 3;

export class Files {
  /** @param {string} text shown while files hover over the window @param {Emit} emit */
  constructor(text, emit) {
    this.emit = emit;
    this.address = "";
    this.purpose = "photo";
    this.noFilms = ""; // why films cannot be opened, or nothing
    /** @type {File | null} a scene that waits for its photo */
    this.scene = null;
    this.veil = el("div", { class: "b-veil", hidden: true }, el("p", { text }));
    this.input = el("input", { type: "file", multiple: true, hidden: true });
    this.input.addEventListener("change", () => {
      this.take(this.input.files ?? [], this.purpose);
      this.input.value = "";
    });
    document.body.append(this.veil, this.input);
    this.ends = new AbortController();
    this.#listen();
  }

  #listen() {
    const { veil } = this, { signal } = this.ends;
    let depth = 0;
    window.addEventListener("dragenter", (event) => {
      if (carriesFiles(event) && depth++ === 0) veil.hidden = false;
    }, { signal });
    window.addEventListener("dragleave", () => {
      if (depth > 0 && --depth === 0) veil.hidden = true;
    }, { signal });
    window.addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault(), { signal });
    window.addEventListener("drop", (event) => {
      depth = 0;
      veil.hidden = true;
      if (!carriesFiles(event)) return;
      event.preventDefault();
      this.take(event.dataTransfer?.files ?? []);
    }, { signal });
    window.addEventListener("paste", (event) => {
      if (event.clipboardData?.files.length) this.take(event.clipboardData.files);
    }, { signal });
  }

  /** Open the file dialog. @param {string} purpose goes with the files that are chosen there, and no others
   * @param {string} accept as in HTML @param {boolean} multiple */
  ask(purpose, accept, multiple) {
    this.purpose = purpose;
    this.input.accept = accept;
    this.input.multiple = multiple;
    this.input.click();
  }

  /** Send files, a few at a time; scenes last, for their photos may be among the others. @param {Iterable<File>} list */
  async take(list, purpose = "photo") {
    const all = [...list], scenes = purpose === "photo" ? all.filter(isScene) : [];
    const files = all.filter((file) => !scenes.includes(file));
    const answers = await this.#sendAll(files, purpose);
    const keys = answers.flatMap(({ key }) => (key ? [key] : []));
    if (this.scene && purpose === "photo" && keys.length) { // one that waited for the photo that was just chosen
      const scene = this.scene;
      this.scene = null;
      await this.#sendScene(scene, keys.length === 1 ? keys[0] : "");
    }
    for (const scene of scenes) await this.#sendScene(scene, keys.length === 1 ? keys[0] : files.length ? "" : null);
  }

  /** @param {File[]} files @param {string} purpose */
  async #sendAll(files, purpose) {
    const address = `${this.address}&purpose=${purpose}`; // of the photo that is shown now
    const batch = new Batch(files.length, purpose, this.emit);
    const sendNext = async () => {
      for (let index = batch.begin(); index < files.length; index = batch.begin()) {
        const file = files[index];
        batch.progress(file.name, 0);
        const answer = await this.#send(`${address}&drop=${batch.id}&number=${index}`, file, (share) => batch.progress(file.name, share));
        batch.end(index, file.name, answer);
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, sendNext));
    return batch.close();
  }

  /** @param {string} address @param {File} file @param {(share: number) => void} progress */
  async #send(address, file, progress) {
    if (!isFilm(file)) return send(address, file, progress);
    return this.noFilms ? { error: this.noFilms } : send("/studio/film", file, progress);
  }

  /** Send a scene. @param {File} file @param {string | null} key of its photo; null: the photo that is shown, "": the one
   * that the scene names */
  async #sendScene(file, key) {
    const address = key === null ? this.address : this.address.replace(/work=.*$/, `work=${key}`);
    const answer = await send(`${address}&purpose=photo`, file, () => {});
    if (answer.waits !== undefined) {
      this.scene = file;
      this.emit("waits", { name: file.name, photo: answer.waits });
    } else this.emit("uploaded", { purpose: "photo", files: [{ name: file.name, ...answer }] });
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

/** @param {DragEvent} event */
const carriesFiles = (event) => event.dataTransfer?.types.includes("Files") ?? false;
