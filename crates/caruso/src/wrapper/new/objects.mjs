#!/usr/bin/env node
// Holds objects of the class @CLASS@ for Caruso. A file stands for the other system: put yours
// in its place.
//
// One JSON request a line on standard input, one JSON answer a line on standard output, nothing
// else there (console.error goes to the log).
import * as fs from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

const FILE = join(process.env.CARUSO_DATA ?? ".", "objects.json");
// by what the model's `index` says; with the names that the model has
const CLASSES = [{ name: "@CLASS@", searches: ["group"], writable: true }];
const FIRST = {
  1: { number: "1", name: "First", group: "a" },
  2: { number: "2", name: "Second", group: "a" },
  3: { number: "3", name: "Third", group: "b" },
};

function load() {
  if (!fs.existsSync(FILE)) return { objects: FIRST, answered: {} };
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

function get({ keys }) {
  const { objects } = load();
  return { objects: keys.filter((key) => Object.hasOwn(objects, key)).map((key) => objects[key]) };
}

function query({ where, limit, cursor }) {
  const fits = (it) => Object.entries(where).every(([name, values]) => values.includes(it[name]));
  const found = Object.values(load().objects).filter(fits);
  found.sort((one, other) => (one.number < other.number ? -1 : 1));
  const first = Number(cursor || 0);
  const page = { objects: found.slice(first, first + limit) };
  return found.length > first + limit ? { ...page, next: String(first + limit) } : page;
}

function apply({ change, key, was, values, idempotency_key: wish }) {
  const kept = load();
  if (Object.hasOwn(kept.answered, wish)) { // the same key is the same wish: it is done once
    return { objects: kept.answered[wish] };
  }
  const { objects } = kept;
  let now = values;
  if (change === "create") {
    key = values.number;
    if (!key || Object.hasOwn(objects, key)) {
      return { refused: "A new object needs a number that no other one has." };
    }
  } else {
    const is = Object.hasOwn(objects, key) ? objects[key] : undefined;
    const differs = ([name, value]) => (is[name] ?? null) !== value;
    if (!is || Object.entries(was).some(differs)) return { stale: true };
    now = change === "update" ? { ...is, ...values } : undefined;
  }
  delete objects[key];
  if (now) objects[key] = Object.fromEntries(Object.entries(now).filter(([, it]) => it !== null));
  kept.answered[wish] = now ? [objects[key]] : [];
  save(kept);
  return { objects: kept.answered[wish] };
}

const DO = { describe: () => ({ classes: CLASSES }), get, query, apply };
const unknown = () => ({ refused: "This wrapper does not know such requests." });
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const answer = (Object.hasOwn(DO, request.do) ? DO[request.do] : unknown)(request);
  process.stdout.write(`${JSON.stringify({ id: request.id, ...answer })}\n`);
}
