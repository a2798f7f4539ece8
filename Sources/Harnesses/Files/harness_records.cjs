"use strict";
// Input that is CSV.

const { Object } = require("./harness_base.cjs");
const { BadInput } = require("./harness_input.cjs");
const { parts } = require("./harness_parts.cjs");

/** Records of a CSV file as [fields, number of the line]. A quoted field may go over lines. */
function* csvRecords(file) {
  let held = ""; // the beginning of a record whose quoted field is still open
  let heldLine = 0;
  for (const [text, first] of parts(file)) {
    let from = 0;
    for (let line = first; from < text.length; line += 1) {
      let end = text.indexOf("\n", from);
      const stop = end < 0 ? text.length : end;
      let one = text.slice(from, stop);
      from = stop + 1;
      if (held !== "") one = held + one;
      else heldLine = line;
      // A carriage return before the newline ends the line; within quotes it is the field's.
      const bare = one.endsWith("\r") ? one.slice(0, -1) : one;
      if (!bare.includes('"')) {
        if (bare !== "") yield [bare.split(","), heldLine];
        continue;
      }
      const fields = quotedFields(bare, heldLine);
      if (fields === null) {
        held = one + "\n";
        continue;
      }
      held = "";
      yield [fields, heldLine];
    }
  }
  if (held !== "") throw new BadInput("a quote that is never closed", heldLine);
}

/** The fields of a record; null if a quoted one is still open at its end. */
function quotedFields(record, line) {
  const fields = [];
  let at = 0;
  for (;;) {
    if (record[at] === '"') {
      let end = at + 1;
      for (;;) {
        end = record.indexOf('"', end);
        if (end < 0) return null;
        if (record[end + 1] !== '"') break;
        end += 2;
      }
      fields.push(record.slice(at + 1, end).replaceAll('""', '"'));
      at = end + 1;
      if (at < record.length && record[at] !== ",") throw new BadInput("text behind a closing quote", line);
    } else {
      const end = record.indexOf(",", at);
      fields.push(record.slice(at, end < 0 ? record.length : end));
      at = end < 0 ? record.length : end;
    }
    if (at >= record.length) return fields;
    at += 1;
  }
}

function* csvRows(file) {
  let header = null;
  for (const [fields, line] of csvRecords(file)) {
    if (header === null) {
      header = fields;
      const twice = header.find((name, i) => header.indexOf(name) !== i);
      if (twice !== undefined) throw new BadInput(`the column '${twice}' comes twice`, line);
      continue;
    }
    if (fields.length > header.length) {
      throw new BadInput(`${fields.length} fields, but the header has ${header.length}`, line);
    }
    const row = {};
    for (let i = 0; i < header.length; i += 1) {
      const value = i < fields.length ? fields[i] : null;
      if (header[i] !== "__proto__") row[header[i]] = value;
      else Object.defineProperty(row, header[i], { value, enumerable: true, configurable: true, writable: true });
    }
    yield row;
  }
}

module.exports = { csvRows };
