// What the lists of the page show: one row a photo, the newest first. The server tells changes only.

const views = new Set();
let rows = [], byKey = new Map(), current = "";

export const shelf = {
  get rows() {
    return rows;
  },
  get current() {
    return current;
  },

  /** All rows: {key, name, state, text, thumb}. */
  fill(all) {
    rows = all;
    byKey = new Map(rows.map((row) => [row.key, row]));
    told();
  },

  /** New rows, each with its place: [[index, row], ...], the foremost first. */
  add(added) {
    for (const [index, row] of added) {
      rows.splice(index, 0, row);
      byKey.set(row.key, row);
    }
    told();
  },

  drop(keys) {
    const gone = new Set(keys);
    rows = rows.filter((row) => !gone.has(row.key));
    keys.forEach((key) => byKey.delete(key));
    told();
  },

  /** Other values of rows: [{key, ...}, ...]. */
  change(changes) {
    for (const change of changes) Object.assign(byKey.get(change.key) ?? {}, change);
    told();
  },

  /** Which photo is shown; none is "". */
  show(key) {
    if (current === key) return;
    current = key;
    told(key);
  },

  /** `view(shown)` hears of changes; `shown` is the key of a photo that was just put on the desk. Returns its end. */
  watch(view) {
    views.add(view);
    return () => views.delete(view);
  },
};

function told(shown = "") {
  views.forEach((view) => view(shown));
}
