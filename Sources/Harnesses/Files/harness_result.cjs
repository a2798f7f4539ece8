"use strict";
// The result and the checkpoint that is a part of it.

const {
  LONGEST_LINE, Number, asCSV, byteLength, bytesOf, closeSync, constants, entry, isArray, kill, openSync, refuse,
  resultPath, send, settings, writeAll,
} = require("./harness_base.cjs");
const { NotJSON, jsonText } = require("./harness_json.cjs");

// Before the script's code runs, as all parts.
const { Table, WANTED_CSV } = asCSV ? require("./harness_table.cjs") : {};

/**
 * Appends to the result, or begins it. The file is opened for each part: a script may close descriptors. Node ignores
 * SIGXFSZ; the run is to end as one over its limit, so the signal's own action is put back and it is sent to ourselves.
 */
function writeResult(text, begin) {
  if (!resultPath) return;
  let fd = -1;
  try {
    fd = openSync(resultPath, begin ? constants.O_WRONLY | constants.O_TRUNC : constants.O_WRONLY | constants.O_APPEND);
    writeAll(fd, typeof text === "string" ? bytesOf(text, "utf8") : text);
  } catch (error) {
    if (error.code === "EFBIG") {
      const nothing = () => {};
      process.on("SIGXFSZ", nothing);
      process.removeAllListeners("SIGXFSZ");
      kill(process.pid, "SIGXFSZ");
    }
    refuse(`${entry}: the result cannot be written: ${error.message}`);
  } finally {
    if (fd >= 0) closeSync(fd);
  }
}

const GROUP = 1000;

function writeValue(value) {
  if (asCSV) {
    if (!isArray(value)) throw new NotJSON(`result: cannot be CSV: ${WANTED_CSV}`);
    const table = new Table();
    for (const row of value) if (typeof row === "object" && row !== null && !isArray(row)) table.addColumns(row);
    const lines = value.map((row, i) => table.line(row, `result[${i}]`));
    writeResult(table.header(), true);
    for (let i = 0; i < lines.length; i += 10 * GROUP) writeResult(lines.slice(i, i + 10 * GROUP).join(""), false);
    return;
  }
  if (!isArray(value) || value.length <= GROUP || typeof value.toJSON === "function") {
    writeResult(jsonText(value) + "\n", true);
    return;
  }
  // In groups, so that a large result is not two times in memory.
  let begin = true;
  for (let i = 0; i < value.length; i += GROUP) {
    const group = value.slice(i, i + GROUP);
    let text;
    try {
      text = jsonText(group);
    } catch (error) {
      if (!(error instanceof NotJSON)) throw error;
      throw new NotJSON(error.message.replace(/^result\[(\d+)\]/, (_, k) => `result[${Number(k) + i}]`));
    }
    const last = i + GROUP >= value.length;
    writeResult((begin ? "[" : ",") + text.slice(1, -1) + (last ? "]\n" : ""), begin);
    begin = false;
  }
}

/** `checkpoint: {column: id}`: what the last row has there. Without a row the checkpoint that was there stays. */
function keepCheckpoint(rows) {
  const column = settings.checkpoint?.column;
  if (column === undefined) return;
  if (!isArray(rows)) refuse(`${entry}: 'checkpoint: {column: ${column}}' needs an array of objects as the result`);
  if (rows.length === 0) return;
  const last = rows[rows.length - 1];
  const value = typeof last === "object" && last !== null ? last[column] : undefined;
  if (value === undefined) refuse(`${entry}: the last row of the result has no column '${column}' for the checkpoint`);
  const line = `{"type":"checkpoint","value":${jsonText(value, "checkpoint")}}`;
  if (byteLength(line) + 1 > LONGEST_LINE) {
    refuse(`${entry}: the checkpoint, column '${column}' of the last row, is too long`);
  }
  send(line);
}

module.exports = { writeResult, writeValue, keepCheckpoint };
