"use strict";
// What all parts of the harness share: what is wanted of the run, how far it is, and the events of the run.
//
// What the script might replace (globals, JSON.stringify, functions of fs and process) is taken before its code runs,
// and the other parts take it from here.

const fs = require("node:fs");
const path = require("node:path");
const util = require("node:util");

const {
  Array, Atomics, Buffer, Date, Error, Function, Int32Array, Map, Math, Number, Object, Set, SharedArrayBuffer, String,
  Symbol, SyntaxError, TextDecoder,
} = globalThis;
const {
  openSync, closeSync, readSync, writeSync, readFileSync, realpathSync, fstatSync, unlinkSync, constants,
} = fs;
const { stringify, parse } = JSON;
const { inspect, types } = util;
const { isArray } = Array;
const bytesOf = Buffer.from.bind(Buffer);
const byteLength = Buffer.byteLength.bind(Buffer);
const prototypeOf = Object.getPrototypeOf;
const ownKeys = Object.keys;
const kill = process.kill.bind(process);
const reallyExit = process.exit.bind(process);

const root = realpathSync(process.cwd());
const entry = path.relative(root, path.resolve(root, process.argv[2])) || process.argv[2];
const entryPath = path.resolve(root, process.argv[2]);
const resultPath = process.env.BOBBIN_RESULT;
const eventsPath = process.env.BOBBIN_EVENTS;
const settings = parse(process.env.BOBBIN_HARNESS ?? "{}");
delete process.env.BOBBIN_HARNESS;
process.argv.splice(1, 2, entryPath);
const input = settings.input ?? null;
const asCSV = settings.result?.format === "csv";
const goingOn = settings.on_row_error === "continue";
// The script's innermost frame may be behind many of its libraries'.
Error.stackTraceLimit = 40;

const state = {
  finished: false,
  /** "loading", "main" or "done". */
  phase: "loading",
  rowIndex: null,
  /** In rows mode: writes what is to be written when the run ends in the middle. */
  closeRows: null,
};

const LONGEST_LINE = 65536;
const LONGEST_REASON = 500;

function writeAll(fd, bytes) {
  let done = 0;
  while (done < bytes.length) {
    try {
      done += writeSync(fd, bytes, done, bytes.length - done);
    } catch (error) {
      if (error.code === "EINTR") continue;
      if (error.code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}

/** Sends an event; nothing is said if nobody listens. */
function send(line) {
  if (!eventsPath) return;
  let probe = -1;
  let fd = -1;
  try {
    const flags = constants.O_WRONLY | constants.O_APPEND;
    probe = openSync(eventsPath, flags | constants.O_NONBLOCK);
    fd = openSync(eventsPath, flags);
    writeAll(fd, bytesOf(line + "\n", "utf8"));
  } catch {
  } finally {
    if (probe >= 0) closeSync(probe);
    if (fd >= 0) closeSync(fd);
  }
}

function complain(text) {
  try {
    writeAll(2, bytesOf(text + "\n", "utf8"));
  } catch {}
}

let reported = false;

function report(reason) {
  if (reported) return;
  reported = true;
  let text = reason.replace(/\s+/g, " ").trim();
  if (text.length > LONGEST_REASON) text = text.slice(0, LONGEST_REASON - 1) + "…";
  // Whole characters: half of a pair is no UTF-8.
  send(stringify({ type: "failure", reason: bytesOf(text, "utf8").toString("utf8") }));
}

function leave(reason, code = 1) {
  state.finished = true;
  report(reason);
  reallyExit(code);
}

/** Ends the run for what is wrong with the script or its input, rather than in its code. */
function refuse(reason) {
  complain(`Error: ${reason}`);
  leave(reason);
}

module.exports = {
  Array, Atomics, Buffer, Date, Error, Function, Int32Array, Map, Math, Number, Object, Set, SharedArrayBuffer,
  String, Symbol, SyntaxError, TextDecoder, openSync, closeSync, readSync, writeSync, readFileSync, realpathSync,
  fstatSync, unlinkSync, constants, stringify, parse, inspect, types, isArray, bytesOf, byteLength, prototypeOf,
  ownKeys, kill, root, entry, entryPath, resultPath, settings, input, asCSV, goingOn, state, LONGEST_LINE, writeAll,
  send, complain, report, leave, refuse,
};
