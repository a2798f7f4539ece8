"use strict";
// Input files of lines, read in parts.

const { Buffer, Error, closeSync, fstatSync, openSync, readSync } = require("./harness_base.cjs");
const { lineOf, textOf, withoutMark } = require("./harness_input.cjs");

/** Parts of a file as [text, number of its first line], each of whole lines but for the last. */
function* parts(file) {
  const size = 1 << 20;
  let fd = openSync(file, "r");
  const same = fstatSync(fd);
  let offset = 0;
  let rest = [];
  let line = 1;
  try {
    for (;;) {
      const block = Buffer.allocUnsafe(size);
      let count;
      try {
        // The script may have closed it, and the number may be another file's.
        const now = fstatSync(fd);
        if (now.ino !== same.ino || now.dev !== same.dev) throw new Error("closed");
        count = readSync(fd, block, 0, size, offset);
      } catch {
        fd = openSync(file, "r");
        count = readSync(fd, block, 0, size, offset);
      }
      const isFirst = offset === 0;
      offset += count;
      let bytes = block.subarray(0, count);
      if (isFirst) bytes = withoutMark(bytes);
      const end = count === 0 ? -1 : bytes.lastIndexOf(10);
      if (count > 0 && end < 0) {
        rest.push(bytes);
        continue;
      }
      rest.push(count === 0 ? bytes : bytes.subarray(0, end + 1));
      const whole = rest.length === 1 ? rest[0] : Buffer.concat(rest);
      rest = count === 0 ? [] : [bytes.subarray(end + 1)];
      if (whole.length > 0) {
        yield [textOf(whole, line), line];
        line = lineOf(whole, whole.length, line);
      }
      if (count === 0) return;
    }
  } finally {
    try {
      closeSync(fd);
    } catch {}
  }
}

module.exports = { parts };
