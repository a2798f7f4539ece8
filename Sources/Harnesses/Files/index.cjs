"use strict";
// What a script can say to Bobbin: one JSON object a line, written to the FIFO in BOBBIN_EVENTS. A line has left when
// the call returns: nothing is kept back, in no thread, so that what was said last is known even of a script that is
// killed.

const fs = require("node:fs");
const { format } = require("node:util");

// As they were before the script could change them.
const { openSync, closeSync, writeSync, fstatSync, constants } = fs;
const { stringify, parse } = JSON;
const { from: bytesOf } = Buffer;

/** Bytes of a line at most, its newline among them. */
const LONGEST = 65536;

let stream = null; // {fd, dev, ino}

/** The stream's descriptor; null if there is no stream, or nobody reads it. */
function open() {
  if (stream !== null) {
    // A script may close descriptors that are not its own, and the number is then another file's.
    try {
      const now = fstatSync(stream.fd);
      if (now.ino === stream.ino && now.dev === stream.dev) return stream.fd;
    } catch {}
    stream = null;
  }
  const path = process.env.BOBBIN_EVENTS;
  if (!path) return null;
  let probe = -1;
  try {
    // Without waiting first, for a FIFO that nobody reads would hold the script up for ever. What is kept is a
    // descriptor that waits: a full pipe then makes the script wait, and a line is one write.
    const flags = constants.O_WRONLY | constants.O_APPEND;
    probe = openSync(path, flags | constants.O_NONBLOCK);
    const fd = openSync(path, flags);
    const { ino, dev } = fstatSync(fd);
    stream = { fd, ino, dev };
    return fd;
  } catch {
    return null;
  } finally {
    if (probe >= 0) closeSync(probe);
  }
}

function writeAll(fd, bytes) {
  let done = 0;
  while (done < bytes.length) {
    try {
      done += writeSync(fd, bytes, done, bytes.length - done);
    } catch (error) {
      if (error.code === "EINTR") continue;
      if (error.code !== "EAGAIN") throw error;
      // The descriptor came to us as one that does not wait.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}

/** True if the line is on its way. */
function send(line) {
  const fd = open();
  if (fd === null) return false;
  try {
    writeAll(fd, bytesOf(line + "\n", "utf8"));
    return true;
  } catch {
    return false;
  }
}

/** Sends an event with a text that is cut, with a mark, until its line fits. */
function sendText(event, key, text) {
  // A half of a surrogate pair would not be UTF-8.
  text = bytesOf(text, "utf8").toString("utf8");
  let line = stringify({ ...event, [key]: text });
  while (Buffer.byteLength(line) + 1 > LONGEST) {
    const share = (LONGEST / (Buffer.byteLength(line) + 1)) * 0.95;
    let length = Math.min(LONGEST, Math.floor(text.length * share));
    // Not between the halves of a pair.
    if ((text.charCodeAt(length - 1) & 0xfc00) === 0xd800) length -= 1;
    text = text.slice(0, length);
    line = stringify({ ...event, [key]: text + " [cut]" });
  }
  return send(line);
}

function textOf(message, more) {
  if (more.length === 0 && message instanceof Error) return String(message.stack ?? message);
  return format(message, ...more);
}

function logger(level) {
  return (message, ...more) => {
    const text = textOf(message, more);
    if (!sendText({ type: "log", level }, "message", text)) {
      try {
        writeAll(2, bytesOf(`${level}: ${text}\n`, "utf8"));
      } catch {}
    }
  };
}

/** Lines of the run's log; arguments as `console.log` takes them. An error line makes the run fail. */
const log = Object.freeze({
  trace: logger("trace"),
  debug: logger("debug"),
  info: logger("info"),
  warn: logger("warn"),
  warning: logger("warn"),
  error: logger("error"),
});

/** How far the run is, from 0 to 1; what is outside is taken as 0 or 1. */
function progress(value, text) {
  if (typeof value !== "number" || Number.isNaN(value)) throw new TypeError("progress wants a number from 0 to 1");
  const event = { type: "progress", value: Math.min(Math.max(value, 0), 1) };
  if (text === undefined || text === null) send(stringify(event));
  else sendText(event, "text", String(text));
}

/** The run's closing line; the last one counts. */
function message(text, ...more) {
  sendText({ type: "message" }, "text", textOf(text, more));
}

/** Any JSON value that the next run shall find. */
function checkpoint(value) {
  const text = stringify(value);
  if (text === undefined) throw new TypeError(`a checkpoint must be JSON, and ${typeof value} is not`);
  const line = `{"type":"checkpoint","value":${text}}`;
  const size = Buffer.byteLength(line) + 1;
  if (size > LONGEST) {
    throw new RangeError(`a checkpoint may have at most ${LONGEST} bytes as JSON, this one has ${size}`);
  }
  send(line);
}

/** The value that the last successful run left; null if there is none. */
function lastCheckpoint() {
  const text = process.env.BOBBIN_CHECKPOINT;
  return text === undefined ? null : parse(text);
}

module.exports = { log, progress, message, checkpoint, lastCheckpoint };
