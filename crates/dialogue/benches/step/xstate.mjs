// The same dialogue in xstate: CPU time of a step, of an early answer changed, and memory of an
// actor. Prints one line: microseconds, microseconds, bytes.
import { createRequire } from "node:module";

// as an application would: assertions for developers are left out
const { assign, createActor, createMachine } = createRequire(import.meta.url)("xstate");

const LENGTH = Number(process.argv[2]);
const name = (n) => (n < LENGTH ? `q${n}` : "over");

function dialogue() {
  const states = { over: {} };
  for (let n = 0; n < LENGTH; n += 1) {
    const keep = assign(({ context, event }) => ({
      answers: { ...context.answers, [`q${n}`]: event.value },
    }));
    states[`q${n}`] = {
      on: {
        ANSWER: [
          { guard: ({ event }) => !event.value, target: name(n + 2), actions: keep },
          { guard: ({ event }) => event.value, target: name(n + 1), actions: keep },
        ],
      },
    };
  }
  return createMachine({ initial: "q0", context: { answers: {} }, states });
}

const machine = dialogue();
const begin = () => createActor(machine).start();
const yes = (actor, times) => {
  for (let n = 0; n < times; n += 1) actor.send({ type: "ANSWER", value: true });
};

/** CPU microseconds of one run, the middle of many rounds. */
function measure(rounds, runs, work) {
  const spent = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = process.cpuUsage();
    for (let run = 0; run < runs; run += 1) work();
    const { user, system } = process.cpuUsage(before);
    spent.push((user + system) / runs);
  }
  return spent.sort((a, b) => a - b)[Math.floor(rounds / 2)];
}

const whole = measure(31, 100, () => {
  const actor = begin();
  yes(actor, LENGTH);
  if (actor.getSnapshot().value !== "over") throw new Error("it does not come to the end");
  actor.stop();
});

// There is no way back in a statechart: what was answered is sent again to a new actor.
const change = measure(31, 100, () => {
  const actor = begin();
  actor.send({ type: "ANSWER", value: false });
  yes(actor, LENGTH - 2);
  if (actor.getSnapshot().value !== "over") throw new Error("it does not come to the end");
  actor.stop();
});

const ACTORS = 2000;
globalThis.gc();
const before = process.memoryUsage().heapUsed;
const actors = Array.from({ length: ACTORS }, begin);
actors.forEach((actor) => yes(actor, LENGTH - 1));
globalThis.gc();
const bytes = (process.memoryUsage().heapUsed - before) / actors.length;

console.log(whole / LENGTH, change, bytes);
