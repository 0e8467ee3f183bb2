#!/usr/bin/env node
// A company's staff directory for Caruso: employees by number, name and extension, and who is out
// of office. staff.json beside this file stands for the other system; what is noted is kept in
// CARUSO_DATA.
//
// One JSON request a line on standard input, one JSON answer a line on standard output, nothing
// else there (console.error goes to the log).
import * as fs from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

const STAFF = JSON.parse(fs.readFileSync(new URL("staff.json", import.meta.url), "utf8"));
const FILE = join(process.env.CARUSO_DATA ?? ".", "out-of-office.json");
const CLASSES = [{ name: "Employee", searches: ["name", "extension"] }];
// what application.xml declares of this wrapper: operations with their parameters, [type, required]
const OPERATIONS = {
  out_of_office: { number: ["text", true], until: ["date", true], text: ["text", false] },
  back_in_office: { number: ["text", true] },
};

// who is out of office, by number, and what was answered to which key
function load() {
  if (!fs.existsSync(FILE)) return { out: {}, answered: {} };
  return JSON.parse(fs.readFileSync(FILE, "utf8"));
}

// wholly or not at all, also when this program is killed meanwhile
function save(kept) {
  const file = fs.openSync(`${FILE}.new`, "w");
  fs.writeSync(file, JSON.stringify(kept));
  fs.fsyncSync(file);
  fs.closeSync(file);
  fs.renameSync(`${FILE}.new`, FILE);
}

function employees() {
  const { out } = load();
  return STAFF.map((it) => ({ ...it, ...out[it.number] }));
}

const employee = (number) => STAFF.find((it) => it.number === number);

const DO = {
  out_of_office({ out }, { number, until, text }) {
    const found = employee(number);
    if (!found) return { refused: `Nobody here has the number ${number}.` };
    out[number] = { out_until: until, out_text: text };
    const summary = `${found.name} is out of office until ${until}.`;
    return { results: { name: found.name }, summary };
  },
  back_in_office({ out }, { number }) {
    const found = employee(number);
    if (!found) return { refused: `Nobody here has the number ${number}.` };
    delete out[number];
    return { results: {}, summary: `${found.name} is back in the office.` };
  },
};

// what is wrong with the arguments, in words; nothing if they fit
function misfit(parameters, given) {
  for (const [name, [type, required]] of Object.entries(parameters)) {
    const value = given[name];
    if (value === undefined) {
      if (required) return `“${name}” is missing.`;
    } else if (typeof value !== "string") {
      return `“${name}” must be ${type}.`;
    } else if (type === "date" && !/^\d{4}-\d{2}-\d{2}$/.test(value)) {
      return `“${name}” must be a date, as 2026-12-31.`;
    }
  }
}

function invoke({ operation, arguments: given, key }) {
  if (!Object.hasOwn(OPERATIONS, operation)) {
    return { refused: `There is no operation “${operation}”.` };
  }
  const refused = misfit(OPERATIONS[operation], given);
  if (refused) return { refused };
  const kept = load();
  if (!Object.hasOwn(kept.answered, key)) { // the same key is the same wish: it is done once
    const answer = DO[operation](kept, given);
    if (answer.refused) return answer;
    kept.answered[key] = answer;
    save(kept);
  }
  return kept.answered[key];
}

function describe() {
  const operations = Object.entries(OPERATIONS).map(([name, all]) => ({
    name,
    title: name.replaceAll("_", " "),
    parameters: Object.entries(all).map(([it, [type, required]]) => ({ name: it, type, required })),
  }));
  return { operations, classes: CLASSES };
}

function get({ keys }) {
  return { objects: employees().filter((it) => keys.includes(it.number)) };
}

function query({ where, limit, cursor }) {
  const fits = (it) => Object.entries(where).every(([name, values]) => values.includes(it[name]));
  const found = employees().filter(fits);
  const first = Number(cursor || 0);
  const page = { objects: found.slice(first, first + limit) };
  return found.length > first + limit ? { ...page, next: String(first + limit) } : page;
}

const ANSWERS = { describe, invoke, get, query };
const unknown = () => ({ refused: "This wrapper does not know such requests." });
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const answer = (Object.hasOwn(ANSWERS, request.do) ? ANSWERS[request.do] : unknown)(request);
  process.stdout.write(`${JSON.stringify({ id: request.id, ...answer })}\n`);
}
