#!/usr/bin/env node
// Carries out operations for Caruso. A file stands for the other system: put yours in its place.
//
// One JSON request a line on standard input, one JSON answer a line on standard output, nothing
// else there (console.error goes to the log).
import * as fs from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

const FILE = join(process.env.CARUSO_DATA ?? ".", "orders.json");
// what application.xml declares of this wrapper
const OPERATIONS = [
  { name: "place_order", title: "Place an order", parameters: [
    { name: "customer", type: "text", required: true },
    { name: "text", type: "text", required: false }] },
  { name: "cancel_order", title: "Cancel an order", parameters: [
    { name: "order", type: "text", required: true }] },
];
const TYPES = { bool: "boolean", int: "number" }; // all others are texts

const load = () => (fs.existsSync(FILE) ? JSON.parse(fs.readFileSync(FILE, "utf8")) : {});

// wholly or not at all, also when this program is killed meanwhile
function save(orders) {
  const file = fs.openSync(`${FILE}.new`, "w");
  fs.writeSync(file, JSON.stringify(orders));
  fs.fsyncSync(file);
  fs.closeSync(file);
  fs.renameSync(`${FILE}.new`, FILE);
}

function placeOrder(key, { customer, text = "" }) {
  if (!customer.trim()) return { refused: "An order needs the number of a customer." };
  const orders = load();
  if (!Object.hasOwn(orders, key)) { // the same key is the same wish: it is done once
    const order = `O-${Object.keys(orders).length + 1}`;
    orders[key] = { order, customer, text, cancelled: false };
    save(orders);
  }
  const { order } = orders[key];
  return { results: { order }, summary: `Order ${order} is placed.` };
}

function cancelOrder(key, { order }) {
  const orders = load();
  const placed = Object.values(orders).find((it) => it.order === order);
  if (!placed) return { refused: `There is no order ${order}.` };
  if (!placed.cancelled) {
    placed.cancelled = true;
    save(orders);
  }
  return { results: {}, summary: `Order ${order} is cancelled.` };
}

const DO = { place_order: placeOrder, cancel_order: cancelOrder };

// what is wrong with the arguments, in words; nothing if they fit
function misfit(operation, given) {
  for (const { name, type, required } of operation.parameters) {
    if (!Object.hasOwn(given, name)) {
      if (required) return `“${name}” is missing.`;
    } else if (typeof given[name] !== (TYPES[type] ?? "string")) {
      return `“${name}” must be ${type}.`;
    }
  }
}

function invoke({ operation: name, arguments: given, key }) {
  const operation = OPERATIONS.find((it) => it.name === name);
  if (!operation) return { refused: `There is no operation “${name}”.` };
  const refused = misfit(operation, given);
  return refused ? { refused } : DO[name](key, given);
}

function answer(request) {
  if (request.do === "describe") return { operations: OPERATIONS };
  if (request.do === "invoke") return invoke(request);
  return { refused: "This wrapper does not know such requests." };
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  process.stdout.write(`${JSON.stringify({ id: request.id, ...answer(request) })}\n`);
}
