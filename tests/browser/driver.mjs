// A browser on a string: reads one JSON command a line from standard input, answers one JSON line.
// It ends with its input.
//
// Elements are found as a person finds them, by role and accessible name (or by label or text);
// every wait is Playwright's own, with the command's time limit. Commands:
//   {"do":"open","url":…,"dark":bool}        {"do":"click","role":…,"name":…}
//   {"do":"fill","label":…,"value":…}        {"do":"press","key":…}
//   {"do":"choose","role":…,"name":…}        (a radio, whose label takes the clicks)
//   {"do":"see","role":…,"name":…|"text":…}  {"do":"gone","text":…}
//   {"do":"text","role":…,"name":…}          {"do":"picture","path":…}
//   {"do":"reload"}                          {"do":"back"}
//   {"do":"address"}                         {"do":"axe"}
//   {"do":"heard"}  → {"hertz":…,"level":…} of what a call brings, or null where there is none
//   {"do":"close"}
// With the flag --without-javascript, pages run none; with --says=FILE, the microphone hears that
// file again and again instead of beeps.
// Answers: {"ok":true,"value":…} or {"ok":false,"error":…}.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const says = process.argv.flatMap((it) => (it.startsWith("--says=") ? [it.slice(7)] : []));
const profile = mkdtempSync(join(tmpdir(), "caruso-browser-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CARUSO_CHROMIUM ?? "/usr/bin/chromium",
  headless: true,
  viewport: { width: 1440, height: 900 },
  javaScriptEnabled: !process.argv.includes("--without-javascript"),
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    // a network of the story's own has no other interface
    "--allow-loopback-in-peer-connection",
    ...says.map((file) => `--use-file-for-fake-audio-capture=${file}`),
  ],
});
// Keeps what a call brings, so that it can be listened to.
await context.addInitScript(() => {
  const Connection = globalThis.RTCPeerConnection;
  if (!Connection) return;
  globalThis.RTCPeerConnection = class extends Connection {
    constructor(...all) {
      super(...all);
      this.addEventListener("track", ({ streams }) => {
        globalThis.heardInCall = { connection: this, stream: streams[0] };
      });
    }
  };
});
const page = context.pages()[0] ?? (await context.newPage());
const complaints = [];
page.on("pageerror", (error) => complaints.push(String(error)));

function locate({ role, name, label, text, exact }) {
  if (label !== undefined) return page.getByLabel(label, { exact: exact ?? false }).first();
  if (role !== undefined) return page.getByRole(role, { name, exact: exact ?? false }).first();
  return page.getByText(text, { exact: exact ?? false }).first();
}

// Through the debugger, since the policy of a page forbids scripts of others.
const axe = () =>
  readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

async function violations() {
  const found = [];
  const wide = page.viewportSize();
  for (const colorScheme of ["light", "dark"]) {
    for (const size of [wide, { width: 320, height: 640 }]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(size);
      await page.evaluate(axe());
      const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
      const result = await page.evaluate(
        (values) => globalThis.axe.run(document, { runOnly: { type: "tag", values } }),
        tags,
      );
      const told = result.violations.map((it) => `${it.id}: ${it.nodes[0].html}`);
      found.push(...told.map((it) => `${colorScheme} ${size.width}: ${it}`));
      const isTooWide = await page.evaluate(
        () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
      );
      if (isTooWide) found.push(`${colorScheme} ${size.width}: scrolls sideways`);
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(wide);
  return found;
}

// The strongest frequency of half a second of what is heard, and how loud it is from 0 to 1.
async function heard() {
  return page.evaluate(async () => {
    const { connection, stream } = globalThis.heardInCall ?? {};
    if (connection?.connectionState !== "connected" || !stream) return null;
    const context = new AudioContext();
    await context.resume();
    const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
    context.createMediaStreamSource(stream).connect(analyser);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const [samples, bins] = [new Float32Array(8192), new Float32Array(4096)];
    analyser.getFloatTimeDomainData(samples);
    analyser.getFloatFrequencyData(bins);
    const level = Math.sqrt(samples.reduce((sum, it) => sum + it * it, 0) / samples.length);
    const hertz = (bins.indexOf(Math.max(...bins)) * context.sampleRate) / analyser.fftSize;
    await context.close();
    return { hertz, level };
  });
}

const commands = {
  async open({ url, dark }) {
    await page.emulateMedia({ colorScheme: dark ? "dark" : "light" });
    await page.goto(url);
  },
  async dark({ dark }) {
    await page.emulateMedia({ colorScheme: dark ? "dark" : "light" });
  },
  click: (command) => locate(command).click({ timeout: command.timeout }),
  fill: (command) => locate(command).fill(command.value, { timeout: command.timeout }),
  choose: (command) => locate(command).check({ timeout: command.timeout, force: true }),
  press: ({ key }) => page.keyboard.press(key),
  see: (command) => locate(command).waitFor({ state: "visible", timeout: command.timeout }),
  gone: (command) => locate(command).waitFor({ state: "hidden", timeout: command.timeout }),
  text: (command) => locate(command).innerText({ timeout: command.timeout }),
  picture: ({ path }) => page.screenshot({ path }).then(() => path),
  reload: () => page.reload(),
  back: () => page.goBack().then(() => null),
  address: () => page.url(),
  axe: violations,
  heard,
  complaints: () => complaints.splice(0),
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  if (command.do === "close") break;
  try {
    const value = await commands[command.do]({ timeout: 10_000, ...command });
    console.log(JSON.stringify({ ok: true, value: value ?? null }));
  } catch (error) {
    const seen = await page.locator("body").innerText().catch(() => "");
    console.log(JSON.stringify({ ok: false, error: String(error), seen: seen.slice(0, 4000) }));
  }
}
await context.close();
rmSync(profile, { recursive: true, force: true });
process.exit();
