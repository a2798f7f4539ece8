"use strict";
// Calls `main` once for each item of the input.

const {
  Symbol, asCSV, byteLength, complain, entry, goingOn, input, isArray, leave, refuse, send, state, stringify,
} = require("./harness_base.cjs");
const { describe, placeOf, shown } = require("./harness_errors.cjs");
const { findMain } = require("./harness_find.cjs");
const { refuseInput } = require("./harness_input.cjs");
const { NotJSON, jsonText } = require("./harness_json.cjs");
const { keepCheckpoint, writeResult } = require("./harness_result.cjs");

// Before the script's code runs, as all parts.
const { csvRows } = input?.kind === "csv" ? require("./harness_records.cjs") : {};
const { jsonLines } = input?.kind === "jsonl" ? require("./harness_lines.cjs") : {};
const { readInput } = input?.kind === "json" ? require("./harness_whole.cjs") : {};
const { Table } = asCSV ? require("./harness_table.cjs") : {};
const { widen } = asCSV ? require("./harness_widen.cjs") : {};

function rowsOfInput() {
  if (input === null) refuse(`${entry}: 'mode: rows' needs an input that is a list; there is no input`);
  if (input.kind === "csv") return csvRows(input.path);
  if (input.kind === "jsonl") return jsonLines(input.path);
  const items = readInput();
  if (!isArray(items)) {
    const what = items === null ? "null" : typeof items === "object" ? "an object" : `a ${typeof items}`;
    refuse(`${entry}: 'mode: rows' needs an input that is a list, and this one is ${what}`);
  }
  return items[Symbol.iterator]();
}

const SHOWN_FAILURES = 20;

async function run(load) {
  const main = findMain(await load());
  const rows = rowsOfInput();
  let total = 0;
  let failed = 0;
  let written = 0;
  let firstReason = null;
  let last = [];
  const table = asCSV ? new Table() : null;
  const widths = [];
  let place = 0; // in the result, with what waits to be written
  let texts = [];
  let size = 0;
  writeResult(asCSV ? "" : "[", true);

  const flush = () => {
    if (texts.length === 0) return;
    const text = texts.join("");
    texts = [];
    size = 0;
    writeResult(text, false);
  };
  const take = (value) => {
    let text;
    if (asCSV) {
      text = table.line(value, "result");
      const columns = table.columns.size;
      const header = widths.length === 0 ? table.header() : "";
      place += byteLength(header);
      if (columns > (widths.at(-1)?.columns ?? 0)) widths.push({ place, columns });
      place += byteLength(text);
      text = header + text;
    } else text = (written === 0 ? "\n" : ",\n") + jsonText(value);
    written += 1;
    texts.push(text);
    size += text.length;
    if (size > 65536) flush();
    last = [value];
  };
  state.closeRows = (interrupted) => {
    state.closeRows = null;
    if (interrupted) failed += 1;
    flush();
    if (widths.length > 1) widen(table, widths);
    if (!asCSV) writeResult(written === 0 ? "]\n" : "\n]\n", false);
    send(stringify({ type: "rows", total, failed }));
  };
  const rowFailed = (error) => {
    failed += 1;
    const notJSON = error instanceof NotJSON;
    const text = notJSON ? error.message : describe(error);
    const reason = `${notJSON ? entry : placeOf(error)}: row ${state.rowIndex}: ${text}`;
    firstReason ??= reason;
    if (failed <= SHOWN_FAILURES) complain(`Row ${state.rowIndex}: ${notJSON ? text : shown(error)}`);
    else if (failed === SHOWN_FAILURES + 1) {
      complain(`errors of the first ${SHOWN_FAILURES} failed rows are above; more are not shown`);
    }
  };

  state.phase = "main";
  let badInput = null;
  for (;;) {
    let step;
    try {
      step = rows.next();
    } catch (error) {
      badInput = error;
      break;
    }
    if (step.done) break;
    state.rowIndex = total;
    total += 1;
    try {
      let value = main(step.value);
      if (typeof value === "object" && value !== null && typeof value.then === "function") value = await value;
      take(value);
    } catch (error) {
      rowFailed(error);
      if (!goingOn) break;
    }
  }
  state.rowIndex = null;
  state.phase = "done";
  state.closeRows(false);
  if (badInput !== null) refuseInput(badInput);
  if (failed > 0) leave(goingOn ? `${failed} of ${total} rows failed; first: ${firstReason}` : firstReason);
  keepCheckpoint(last);
}

module.exports = { run };
