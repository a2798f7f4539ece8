// How Bobbin calls a Node script in other ways than `node main.mjs`: `node harness.mjs ENTRY ARGS...`, with what is wanted
// in BOBBIN_HARNESS.
//
// The entry is imported, its `main` found and called, and what it returns is written to BOBBIN_RESULT. There is no await at
// the top of this file: when the event loop is empty and `main` has not settled, the exit handler says so. What the script
// might replace (JSON.stringify, functions of fs and process) is taken before its code runs.

import fs from "node:fs";
import { tmpdir as temporaryDirectory } from "node:os";
import path from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import util from "node:util";

// Names of this module's own for globals, so that what the script does to globalThis is not seen here.
const {
  Array, Atomics, Buffer, Date, Error, Function, Int32Array, Map, Math, Number, Object, Set, SharedArrayBuffer, String, Symbol,
  SyntaxError, TextDecoder,
} = globalThis;
const { openSync, closeSync, readSync, writeSync, readFileSync, realpathSync, fstatSync, unlinkSync, constants } = fs;
const { stringify, parse } = JSON;
const { inspect, types } = util;
const { isArray } = Array;
const bytesOf = Buffer.from.bind(Buffer);
const byteLength = Buffer.byteLength.bind(Buffer);
const prototypeOf = Object.getPrototypeOf;
const ownKeys = Object.keys;
const kill = process.kill.bind(process);
const reallyExit = process.exit.bind(process);
const isoText = Function.prototype.call.bind(Date.prototype.toISOString);
const timeOf = Function.prototype.call.bind(Date.prototype.getTime);

const ownURL = import.meta.url;
const ownPath = fileURLToPath(ownURL);
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

// ---- saying what went wrong ----------------------------------------------------------------------------------------

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
  finished = true;
  report(reason);
  reallyExit(code);
}

/** Ends the run for what is wrong with the script or its input, rather than in its code. */
function refuse(reason) {
  complain(`Error: ${reason}`);
  leave(reason);
}

function relative(file) {
  const within = path.relative(root, file);
  return within === "" || within.startsWith("..") || path.isAbsolute(within) ? null : within;
}

/** `main.mjs:3` for a line of a stack that is in the bundle's own code. */
function placeIn(line) {
  const found = /(?:\(|at |async |^)((?:file:\/\/)?\/.*?):(\d+)(?::\d+)?\)?$/.exec(line);
  if (found === null) return null;
  let file = found[1];
  try {
    if (file.startsWith("file:")) file = fileURLToPath(file.replace(/[?#].*$/, ""));
  } catch {
    return null;
  }
  const within = relative(file);
  if (within === null || file === ownPath || within.split(path.sep).includes("node_modules")) return null;
  return `${within}:${found[2]}`;
}

function stackOf(error) {
  try {
    const stack = error?.stack;
    return typeof stack === "string" ? stack : "";
  } catch {
    return "";
  }
}

/** The innermost place in the bundle's own code; its entry without a line if there is none. */
function placeOf(error) {
  if (syntaxPlaces.has(error)) return syntaxPlaces.get(error);
  const lines = stackOf(error).split("\n");
  for (const line of lines) {
    if (!/^\s+at /.test(line)) continue;
    const place = placeIn(line);
    if (place !== null) return place;
  }
  // A syntax error's stack begins with its file and line.
  const first = lines.length > 1 && !/^\s+at /.test(lines[0]) ? placeIn(lines[0]) : null;
  return first ?? entry;
}

function describe(error) {
  try {
    if (types.isNativeError(error) || error instanceof Error) {
      const name = String(error.name || error.constructor?.name || "Error");
      const message = String(error.message);
      return message ? `${name}: ${message}` : name;
    }
    return `Error: ${typeof error === "string" ? error : inspect(error, { depth: 1, breakLength: Infinity })} was thrown`;
  } catch {
    return "Error: what was thrown cannot be shown";
  }
}

/** The error as Node shows it, without the frames of this file and of what calls it. */
function shown(error) {
  let text;
  try {
    text = types.isNativeError(error) ? inspect(error) : `Uncaught ${inspect(error)}`;
  } catch {
    text = stackOf(error) || "an error that cannot be shown";
  }
  const lines = text.split("\n");
  const kept = [];
  for (const line of lines) {
    if (/^\s+at /.test(line)) {
      if (line.includes(ownURL) || line.includes(ownPath)) {
        // What Node itself put between this file and the script.
        while (kept.length > 0 && /^\s+at .*[( ]node:internal\//.test(kept[kept.length - 1])) kept.pop();
        continue;
      }
    }
    kept.push(line);
  }
  const place = syntaxExcerpts.get(error);
  return (place === undefined ? "" : place + "\n\n") + kept.join("\n");
}

const syntaxPlaces = new Map();
const syntaxExcerpts = new Map();

/** Parses a module and those it imports, as a process of its own, and ends by the first syntax error. */
const PARSER = `
const fs = require("fs"), path = require("path"), vm = require("vm");
const seen = new Set();
function look(file) {
  if (seen.has(file) || !/\\.m?js$/.test(file)) return;
  seen.add(file);
  let text;
  try { text = fs.readFileSync(file, "utf8"); } catch { return; }
  let module;
  try {
    module = new vm.SourceTextModule(text, { identifier: file });
  } catch (error) {
    if (file.endsWith(".js")) {
      try { vm.compileFunction(text, ["exports", "require", "module"]); return; } catch {}
    }
    throw error;
  }
  for (const name of module.dependencySpecifiers ?? []) {
    if (/^\\.{0,2}\\//.test(name)) look(path.resolve(path.dirname(file), decodeURIComponent(name)));
  }
}
look(process.argv[1]);`;

/** Where a module's syntax error is. Node tells it only of an error that it ends by, so the modules are parsed again. */
function findSyntaxError(error) {
  if (!(error instanceof SyntaxError) || placeIn(stackOf(error).split("\n")[0]) !== null) return;
  try {
    const env = { ...process.env };
    delete env.NODE_OPTIONS;
    const options = { encoding: "utf8", env, timeout: 10000, stdio: ["ignore", "ignore", "pipe"] };
    const flags = ["--no-warnings", "--experimental-vm-modules", "-e", PARSER];
    const { stderr } = createRequire(ownURL)("node:child_process").spawnSync(process.execPath, [...flags, entryPath], options);
    const [excerpt] = stderr.split("\n\n");
    const place = placeIn(excerpt.split("\n")[0]);
    if (place === null) return;
    syntaxPlaces.set(error, place);
    syntaxExcerpts.set(error, excerpt);
  } catch {}
}

// ---- what becomes JSON ---------------------------------------------------------------------------------------------

const DEEPEST = 60;

class NotJSON extends Error {
  name = "NotJSON";
}

function refusal(where, what) {
  return new NotJSON(`${where}: cannot be JSON: ${what}`);
}

function member(where, key) {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${where}.${key}` : `${where}[${stringify(key)}]`;
}

/**
 * True if JSON.stringify writes the value as it should be: texts, finite numbers, truths, plain arrays and objects. Deep
 * values, and with them cycles, are not plain.
 */
function isPlain(value, depth) {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return value - value === 0 || value !== value;
    case "object":
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (depth >= DEEPEST || typeof value.toJSON === "function") return false;
  if (isArray(value)) {
    for (let i = 0; i < value.length; i += 1) {
      const item = value[i];
      if (item !== undefined && !isPlain(item, depth + 1)) return false;
    }
    return true;
  }
  const prototype = prototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const key in value) {
    const item = value[key];
    if (item !== undefined && !isPlain(item, depth + 1)) return false;
  }
  return typeof value[Symbol.iterator] !== "function";
}

function hasLoneSurrogate(text) {
  return /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text);
}

/** A plain value in the place of any other, or an error that names the path in the value. */
function plain(value, where, above) {
  switch (typeof value) {
    case "string":
      if (hasLoneSurrogate(value)) throw refusal(where, "a text with half of a surrogate pair");
      return value;
    case "boolean":
      return value;
    case "undefined":
      return null;
    case "number":
      if (value === Infinity || value === -Infinity) throw refusal(where, String(value));
      return value === value ? value : null;
    case "bigint":
      return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value);
    case "function":
      throw refusal(where, `a function${value.name ? ` (${value.name})` : ""}`);
    case "symbol":
      throw refusal(where, "a symbol");
  }
  if (value === null) return null;
  if (above.includes(value)) throw refusal(where, "it contains itself");
  if (above.length >= DEEPEST) throw refusal(where, `more than ${DEEPEST} levels`);
  if (types.isDate(value)) return Number.isNaN(timeOf(value)) ? null : isoText(value);
  if (types.isUint8Array(value) || types.isAnyArrayBuffer(value)) {
    const bytes = types.isUint8Array(value) ? bytesOf(value.buffer, value.byteOffset, value.byteLength) : bytesOf(value);
    return bytes.toString("base64");
  }
  if (types.isPromise(value)) throw refusal(where, "a promise; await it");
  if (types.isMap(value)) throw refusal(where, "a Map; use Object.fromEntries(map)");
  if (types.isSet(value)) throw refusal(where, "a Set; use [...set]");
  if (types.isNativeError(value)) throw refusal(where, "an Error; use its message");
  if (types.isRegExp(value)) throw refusal(where, "a regular expression; use its source");
  if (types.isWeakMap(value) || types.isWeakSet(value)) throw refusal(where, "a weak collection");
  if (types.isBoxedPrimitive(value)) return plain(value.valueOf(), where, [...above, value]);
  const inside = [...above, value];
  if (typeof value.toJSON === "function") return plain(value.toJSON(where), where, inside);
  if (types.isTypedArray(value)) return plain(Array.from(value), where, inside);
  if (types.isDataView(value)) throw refusal(where, "a DataView; use its buffer");
  if (isArray(value)) return Array.from(value, (item, i) => plain(item, `${where}[${i}]`, inside));
  if (types.isGeneratorObject(value)) throw refusal(where, "a generator; use [...generator]");
  if (typeof value[Symbol.iterator] === "function") throw refusal(where, "an iterable that is no array; use [...it]");
  if (typeof value[Symbol.asyncIterator] === "function") throw refusal(where, "a stream; read it to its end");
  const out = Object.create(null);
  for (const key of ownKeys(value)) {
    const item = value[key];
    if (item === undefined) continue;
    if (hasLoneSurrogate(key)) throw refusal(where, "a key with half of a surrogate pair");
    out[key] = plain(item, member(where, key), inside);
  }
  return out;
}

/** The JSON text of a value. */
function jsonText(value, where = "result") {
  if (value === undefined) return "null";
  if (isPlain(value, 0)) {
    const text = stringify(value);
    // Only lone halves are written so; they may also be a backslash and its letters, which the slow way tells apart.
    if (!text.includes("\\ud")) return text;
  }
  return stringify(plain(value, where, []));
}

// ---- what becomes CSV ----------------------------------------------------------------------------------------------

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

/**
 * Writes the result again with the columns that came after the first rows. `widths` has, for each number of columns, the
 * place in the file from which on records have it.
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

// ---- input ---------------------------------------------------------------------------------------------------------

class BadInput extends Error {
  constructor(message, line) {
    super(message);
    this.line = line;
  }
}

function inputName() {
  return relative(input.path) ?? `input ${path.basename(input.path)}`;
}

function refuseInput(error) {
  if (error instanceof BadInput) refuse(`${inputName()}${error.line ? `:${error.line}` : ""}: ${error.message}`);
  refuse(`${inputName()}: cannot be read: ${error.message}`);
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function lineOf(bytes, end, first) {
  let line = first;
  for (let at = bytes.indexOf(10); at >= 0 && at < end; at = bytes.indexOf(10, at + 1)) line += 1;
  return line;
}

function textOf(bytes, first) {
  try {
    return decoder.decode(bytes);
  } catch {
    // The line is found by decoding each for itself.
    let line = first;
    let from = 0;
    for (;;) {
      const end = bytes.indexOf(10, from);
      try {
        decoder.decode(bytes.subarray(from, end < 0 ? bytes.length : end));
      } catch {
        throw new BadInput("not UTF-8", line);
      }
      if (end < 0) throw new BadInput("not UTF-8", first);
      from = end + 1;
      line += 1;
    }
  }
}

/** A number of the text that is too large for a number; JSON.parse gives Infinity for it. */
function tooLarge(text) {
  if (!/\d{200}|[eE]\+?\d{3}/.test(text)) return null;
  const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;
  for (let found = tokens.exec(text); found !== null; found = tokens.exec(text)) {
    if (found[0][0] !== '"' && !Number.isFinite(Number(found[0]))) return found;
  }
  return null;
}

/** Where a text stops being JSON, and what is there. Node's own message tells it in some versions only. */
function broken(text) {
  const token = /[ \t\r\n]*(?:("(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null)|([{}[\],:]))/y;
  const around = [];
  let wanted = "value"; // or key, colon, comma; "first" is a value or the end, "firstKey" a key or the end
  let at = 0;
  for (;;) {
    token.lastIndex = at;
    const found = token.exec(text);
    if (found === null) {
      const rest = text.slice(at).trimStart();
      const place = text.length - rest.length;
      return rest === "" ? [text.length, "it ends too soon"] : [place, `near '${rest.slice(0, 20).split("\n")[0]}'`];
    }
    const [whole, string, scalar, mark] = found;
    const wrong = [at + whole.length - whole.trimStart().length, `unexpected ${whole.trim().slice(0, 40)}`];
    at += whole.length;
    const inside = around[around.length - 1];
    const isValue = wanted === "value" || wanted === "first";
    if (wanted === "nothing") return wrong;
    if (mark === "{" || mark === "[") {
      if (!isValue) return wrong;
      around.push(mark);
      wanted = mark === "{" ? "firstKey" : "first";
      continue;
    }
    if (mark === ":") {
      if (wanted !== "colon") return wrong;
      wanted = "value";
      continue;
    }
    if (mark === ",") {
      if (wanted !== "comma") return wrong;
      wanted = inside === "{" ? "key" : "value";
      continue;
    }
    if (mark === "}" || mark === "]") {
      const empty = mark === "}" ? "firstKey" : "first";
      if (inside !== (mark === "}" ? "{" : "[") || (wanted !== "comma" && wanted !== empty)) return wrong;
      around.pop();
    } else if (string !== undefined && (wanted === "key" || wanted === "firstKey")) {
      wanted = "colon";
      continue;
    } else if (!isValue) {
      return wrong;
    }
    wanted = around.length > 0 ? "comma" : "nothing";
  }
}

function parsed(text, first) {
  const lineAt = (place) => first + text.slice(0, place).split("\n").length - 1;
  let value;
  try {
    value = parse(text);
  } catch (error) {
    let place, what;
    try {
      [place, what] = broken(text);
    } catch {
      throw new BadInput(`not JSON: ${error.message}`);
    }
    throw new BadInput(`not JSON: ${what}`, lineAt(place));
  }
  const large = tooLarge(text);
  if (large !== null) {
    const digits = large[0].length > 40 ? large[0].slice(0, 40) + "..." : large[0];
    throw new BadInput(`the number ${digits} does not fit`, lineAt(large.index));
  }
  return value;
}

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
      if (isFirst && bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
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

function* jsonLines(file) {
  for (const [text, first] of parts(file)) {
    let from = 0;
    for (let line = first; from < text.length; line += 1) {
      let end = text.indexOf("\n", from);
      if (end < 0) end = text.length;
      const one = text.slice(from, end);
      if (/\S/.test(one)) yield parsed(one, line);
      from = end + 1;
    }
  }
}

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
      if (header[i] === "__proto__") Object.defineProperty(row, header[i], { value, enumerable: true, configurable: true, writable: true });
      else row[header[i]] = value;
    }
    yield row;
  }
}

function readInput() {
  if (input === null) return null;
  try {
    if (input.kind === "csv") return [...csvRows(input.path)];
    if (input.kind === "jsonl") return [...jsonLines(input.path)];
    let bytes = readFileSync(input.path);
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
    return parsed(textOf(bytes, 1), 1);
  } catch (error) {
    refuseInput(error);
  }
}

// ---- the result ----------------------------------------------------------------------------------------------------

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

/** `checkpoint: {column: id}`: what the last row has there. Nothing without a row: the checkpoint that was there stays. */
function keepCheckpoint(rows) {
  const column = settings.checkpoint?.column;
  if (column === undefined) return;
  if (!isArray(rows)) refuse(`${entry}: 'checkpoint: {column: ${column}}' needs an array of objects as the result`);
  if (rows.length === 0) return;
  const last = rows[rows.length - 1];
  const value = typeof last === "object" && last !== null ? last[column] : undefined;
  if (value === undefined) refuse(`${entry}: the last row of the result has no column '${column}' for the checkpoint`);
  const line = `{"type":"checkpoint","value":${jsonText(value, "checkpoint")}}`;
  if (byteLength(line) + 1 > LONGEST_LINE) refuse(`${entry}: the checkpoint, column '${column}' of the last row, is too long`);
  send(line);
}

// ---- ways of running -----------------------------------------------------------------------------------------------

const WANTED = "with 'call: main' the file exports it: export default function (input), export function main(input), or module.exports = function";

/** `main.mjs:3`: where a function begins, as the engine knows it. */
function placeOfFunction(value) {
  try {
    const inspector = createRequire(ownURL)("node:inspector");
    const session = new inspector.Session();
    session.connect();
    const files = new Map();
    session.on("Debugger.scriptParsed", ({ params }) => files.set(params.scriptId, params.url));
    session.post("Debugger.enable");
    const key = Symbol("main");
    globalThis[key] = value;
    let found;
    session.post("Runtime.evaluate", { expression: `globalThis[Object.getOwnPropertySymbols(globalThis).at(-1)]` }, (_, { result }) => {
      session.post("Runtime.getProperties", { objectId: result.objectId }, (_, { internalProperties }) => {
        found = internalProperties.find(({ name }) => name === "[[FunctionLocation]]")?.value.value;
      });
    });
    delete globalThis[key];
    session.disconnect();
    const url = files.get(found.scriptId);
    return placeIn(`at ${url}:${found.lineNumber + 1}:1`) ?? entry;
  } catch {
    return entry;
  }
}

function findMain(exported) {
  let found;
  const candidates = [exported, exported.default, exported.default?.default];
  for (const holder of candidates) {
    if (holder === null || holder === undefined) continue;
    if (holder !== exported && typeof holder === "function") found = holder;
    else if ((typeof holder === "object" || typeof holder === "function") && "main" in holder) found = holder.main;
    else continue;
    break;
  }
  if (found === undefined) {
    const whole = exported.default;
    const names = ownKeys(typeof whole === "object" && whole !== null ? whole : exported).filter((name) => name !== "module.exports");
    refuse(`${entry}: there is no 'main'${names.length > 0 ? `, only ${names.slice(0, 20).join(", ")}` : ""}; ${WANTED}`);
  }
  if (typeof found !== "function") {
    const what = found === null ? "null" : isArray(found) ? "an array" : `a value of type ${typeof found}`;
    refuse(`${entry}: 'main' is ${what}, not a function; ${WANTED}`);
  }
  const text = Function.prototype.toString.call(found);
  if (/^class\b/.test(text)) refuse(`${placeOfFunction(found)}: 'main' is a class, not a function; ${WANTED}`);
  if (types.isGeneratorFunction(found)) {
    refuse(`${placeOfFunction(found)}: 'main' is a generator function; return an array instead of yielding its elements`);
  }
  if (found.length > 1) refuse(`${placeOfFunction(found)}: 'main' needs ${found.length} arguments; ${WANTED}`);
  return found;
}

let finished = false;
let phase = "loading";
let rowIndex = null;
/** In rows mode: what is to be written when the run ends in the middle. */
let closeRows = null;

function fail(error) {
  if (finished) return;
  complain(shown(error));
  closeRows?.(true);
  leave(`${placeOf(error)}: ${rowIndex === null ? "" : `row ${rowIndex}: `}${describe(error)}`);
}

async function load() {
  phase = "loading";
  try {
    return await import(pathToFileURL(entryPath).href);
  } catch (error) {
    findSyntaxError(error);
    throw error;
  }
}

async function runMain() {
  const main = findMain(await load());
  const value = readInput();
  phase = "main";
  const result = await main(value);
  phase = "done";
  try {
    writeValue(result);
  } catch (error) {
    if (error instanceof NotJSON) refuse(`${entry}: ${error.message}`);
    throw error;
  }
  keepCheckpoint(result);
}

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

async function runRows() {
  const main = findMain(await load());
  const rows = rowsOfInput();
  let total = 0;
  let failed = 0;
  let written = 0;
  let firstReason = null;
  let last = [];
  const table = new Table();
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
  closeRows = (interrupted) => {
    closeRows = null;
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
    const reason = `${notJSON ? entry : placeOf(error)}: row ${rowIndex}: ${text}`;
    firstReason ??= reason;
    if (failed <= SHOWN_FAILURES) complain(`Row ${rowIndex}: ${notJSON ? text : shown(error)}`);
    else if (failed === SHOWN_FAILURES + 1) {
      complain(`errors of the first ${SHOWN_FAILURES} failed rows are above; more are not shown`);
    }
  };

  phase = "main";
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
    rowIndex = total;
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
  rowIndex = null;
  phase = "done";
  closeRows(false);
  if (badInput !== null) refuseInput(badInput);
  if (failed > 0) leave(goingOn ? `${failed} of ${total} rows failed; first: ${firstReason}` : firstReason);
  keepCheckpoint(last);
}

async function runScript() {
  await load();
  phase = "done";
  if (settings.result?.variable !== undefined) {
    refuse(`${entry}: 'result: {variable: ...}' is for Python and R; here the file exports main (call: main)`);
  }
}

// A script with a handler of its own has the last word, as without a harness.
process.on("uncaughtException", (error) => {
  if (process.listenerCount("uncaughtException") === 1) fail(error);
});

process.on("exit", (code) => {
  if (finished) return;
  if (phase === "done" && code === 0) return;
  // The stack is still that of whoever called process.exit().
  const here = new Error();
  const exiting = stackOf(here).includes("process.exit");
  if (code === 0 && exiting) {
    closeRows?.(false);
    return;
  }
  if (code === 0 || (code === 13 && !exiting)) {
    finished = true;
    const what = phase === "loading" ? "the module never finished loading" : "main never settled";
    const row = rowIndex === null ? "" : `row ${rowIndex}: `;
    const reason = `${entry}: ${row}${what}: nothing is left that could end its waiting`;
    complain(`Error: ${reason}`);
    closeRows?.(true);
    process.exitCode = 1;
    report(reason);
    return;
  }
  closeRows?.(true);
  report(`${exiting ? placeOf(here) : entry}: ${rowIndex === null ? "" : `row ${rowIndex}: `}exit code ${code}`);
});

const run = settings.call === "main" ? (settings.mode === "rows" ? runRows : runMain) : runScript;
run().catch(fail);
