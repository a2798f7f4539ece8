"use strict";
// What becomes JSON.

const {
  Array, Date, Error, Function, Number, Object, String, Symbol, bytesOf, isArray, ownKeys, prototypeOf, stringify,
  types,
} = require("./harness_base.cjs");

const isoText = Function.prototype.call.bind(Date.prototype.toISOString);
const timeOf = Function.prototype.call.bind(Date.prototype.getTime);

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
 * True if JSON.stringify writes the value as it should be: texts, finite numbers, truths, plain arrays and objects.
 * Deep values, and with them cycles, are not plain.
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
    const bytes = types.isUint8Array(value)
      ? bytesOf(value.buffer, value.byteOffset, value.byteLength)
      : bytesOf(value);
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

module.exports = { NotJSON, member, plain, jsonText };
