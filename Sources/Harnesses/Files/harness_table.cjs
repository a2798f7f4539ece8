"use strict";
// What becomes CSV.

const { Map, isArray, ownKeys, stringify } = require("./harness_base.cjs");
const { NotJSON, member, plain } = require("./harness_json.cjs");

const WANTED_CSV = "a result with 'format: csv' is an array of objects or an array of arrays";

/** A text is itself, what is missing is empty, everything else is its JSON. */
function cell(value, where) {
  const form = plain(value, where, []);
  const text = form === null ? "" : typeof form === "string" ? form : stringify(form);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csvLine(cells) {
  // An empty line would be no record.
  return cells.length === 1 && cells[0] === "" ? '""\n' : cells.join(",") + "\n";
}

/** Makes lines of rows. Objects give the header; keys that come later are columns behind those before them. */
class Table {
  columns = new Map(); // key → its place
  kind = null;

  addColumns(row) {
    for (const key of ownKeys(row)) if (!this.columns.has(key)) this.columns.set(key, this.columns.size);
  }

  header() {
    return this.columns.size === 0 ? "" : csvLine([...this.columns.keys()].map((key) => cell(key, "result")));
  }

  line(row, where) {
    const kind = isArray(row) ? "array" : typeof row === "object" && row !== null ? "object" : null;
    this.kind ??= kind;
    if (kind === null || kind !== this.kind) throw new NotJSON(`${where}: cannot be CSV: ${WANTED_CSV}`);
    if (kind === "array") return csvLine(row.map((item, k) => cell(item, `${where}[${k}]`)));
    this.addColumns(row);
    const cells = [];
    for (const key of this.columns.keys()) cells.push(cell(row[key], member(where, key)));
    return csvLine(cells);
  }
}

module.exports = { WANTED_CSV, Table };
