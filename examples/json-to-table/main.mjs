// Reads a JSON array of objects on standard input and writes it as table.md and table.html.
// Nested objects become columns such as `customer.name`; columns keep the order in which they are first seen.
import { readFileSync, writeFileSync } from "node:fs";

function flatten(value, prefix, cells) {
  for (const [key, inner] of Object.entries(value)) {
    const column = prefix ? `${prefix}.${key}` : key;
    if (inner !== null && typeof inner === "object" && !Array.isArray(inner)) flatten(inner, column, cells);
    else cells.set(column, inner);
  }
  return cells;
}

function text(value) {
  if (value === undefined || value === null) return "";
  return Array.isArray(value) ? value.join(", ") : String(value);
}

const escapeMarkdown = (cell) => cell.replace(/[\\|]/g, "\\$&").replace(/\r?\n/g, "<br>");
const escapeHTML = (cell) =>
  cell.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

const list = JSON.parse(readFileSync(0, "utf8"));
if (!Array.isArray(list)) {
  console.error(`expected an array of objects, found ${typeof list}`);
  process.exit(1);
}

const rows = list.map((item) => flatten(item, "", new Map()));
const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))];
const numeric = new Set(
  columns.filter((column) => rows.every((row) => ["number", "undefined"].includes(typeof row.get(column)))),
);

const markdown = [
  columns.map(escapeMarkdown),
  columns.map((column) => (numeric.has(column) ? "---:" : "---")),
  ...rows.map((row) => columns.map((column) => escapeMarkdown(text(row.get(column))))),
];
writeFileSync("table.md", markdown.map((cells) => `| ${cells.join(" | ")} |\n`).join(""));

const cell = (tag, column, content) =>
  `<${tag}${numeric.has(column) ? ' class="number"' : ""}>${escapeHTML(content)}</${tag}>`;
const line = (cells) => `<tr>${cells.join("")}</tr>\n`;
writeFileSync(
  "table.html",
  '<!DOCTYPE html>\n<meta charset="utf-8">\n' +
    '<style>td, th { padding: 0.2em 0.6em } .number { text-align: right }</style>\n' +
    "<table>\n" +
    line(columns.map((column) => cell("th", column, column))) +
    rows.map((row) => line(columns.map((column) => cell("td", column, text(row.get(column)))))).join("") +
    "</table>\n",
);

console.log(`${rows.length} rows, ${columns.length} columns`);
