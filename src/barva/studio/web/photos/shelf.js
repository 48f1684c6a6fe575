// The rows that the lists of the page show: one a photo, the newest first. The server sends changes only.

/** @typedef {(shown: string) => void} Watcher */

/** @type {Set<Watcher>} */
const watchers = new Set();
/** @type {Row[]} */
let rows = [];
/** @type {Map<string, Row>} */
let byKey = new Map();
let current = "";

export const shelf = {
  get rows() {
    return rows;
  },
  get current() {
    return current;
  },

  /** All rows. @param {Row[]} all */
  fill(all) {
    rows = all;
    byKey = new Map(rows.map((row) => [row.key, row]));
    notify();
  },

  /** New rows, each with its index, the foremost first. @param {[number, Row][]} added */
  add(added) {
    for (const [index, row] of added) {
      rows.splice(index, 0, row);
      byKey.set(row.key, row);
    }
    notify();
  },

  /** @param {string[]} keys */
  drop(keys) {
    const gone = new Set(keys);
    rows = rows.filter((row) => !gone.has(row.key));
    keys.forEach((key) => byKey.delete(key));
    notify();
  },

  /** Other values of rows. @param {(Partial<Row> & { key: string })[]} changes */
  change(changes) {
    for (const change of changes) Object.assign(byKey.get(change.key) ?? {}, change);
    notify();
  },

  /** Which photo is shown; none is "". @param {string} key */
  show(key) {
    if (current === key) return;
    current = key;
    notify(key);
  },

  /** Call `watcher(shown)` at changes; `shown` is the key of a photo that has just been opened. Returns what ends it.
   * @param {Watcher} watcher */
  watch(watcher) {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  },
};

function notify(shown = "") {
  watchers.forEach((watcher) => watcher(shown));
}
