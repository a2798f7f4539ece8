"use strict";
// A CSV result whose later rows have columns that its first rows have not.

const { tmpdir: temporaryDirectory } = require("node:os");
const path = require("node:path");
const {
  Buffer, Date, Math, bytesOf, closeSync, fstatSync, openSync, readSync, resultPath, unlinkSync, writeAll,
} = require("./harness_base.cjs");
const { writeResult } = require("./harness_result.cjs");

/**
 * Writes the result again with the columns that came after the first rows. `widths` has, for each number of columns,
 * the place in the file from which on records have it.
 */
function widen(table, widths) {
  const from = openSync(resultPath, "r");
  const copyPath = path.join(temporaryDirectory(), `bobbin-${process.pid}-${Date.now()}`);
  const copy = openSync(copyPath, "wx+", 0o600);
  unlinkSync(copyPath);
  const end = fstatSync(from).size;
  const block = Buffer.allocUnsafe(1 << 16);
  writeAll(copy, bytesOf(table.header(), "utf8"));
  widths.forEach(({ place, columns }, k) => {
    const stop = k + 1 < widths.length ? widths[k + 1].place : end;
    const missing = bytesOf(",".repeat(table.columns.size - columns) + "\n");
    let quoted = false;
    for (let at = place; at < stop; ) {
      const count = readSync(from, block, 0, Math.min(block.length, stop - at), at);
      at += count;
      const pieces = [];
      let start = 0;
      for (let i = 0; i < count; i += 1) {
        if (block[i] === 0x22) quoted = !quoted;
        else if (block[i] === 0x0a && !quoted) {
          pieces.push(block.subarray(start, i), missing);
          start = i + 1;
        }
      }
      pieces.push(block.subarray(start, count));
      writeAll(copy, Buffer.concat(pieces));
    }
  });
  closeSync(from);
  writeResult("", true);
  for (let at = 0, count; (count = readSync(copy, block, 0, block.length, at)) > 0; at += count) {
    writeResult(block.subarray(0, count), false);
  }
  closeSync(copy);
}

module.exports = { widen };
