import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FakeDesk } from "./fake";
import { lookAt } from "./look";
import { serve } from "./serve";

let browser: Browser;
let page: Page;
let close: () => void;
const complaints: string[] = [];

beforeAll(async () => {
  const executablePath = process.env["CARUSO_CHROMIUM"] ?? "/usr/bin/chromium";
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  const served = await serve(new FakeDesk().routes);
  close = served.close;
  const viewport = { width: 1440, height: 900 };
  page = await browser.newPage({ baseURL: served.address, viewport, reducedMotion: "reduce" });
  page.setDefaultTimeout(10_000);
  page.on("pageerror", (error) => complaints.push(String(error)));
});

afterAll(async () => {
  await browser.close();
  close();
});

test("the phone in the browser is opened by a key, and says why it cannot be used", async () => {
  await page.goto("/");
  await page.getByLabel("User name").fill("anna");
  await page.getByLabel("Password").fill("demo");
  await page.keyboard.press("Enter");
  await page.getByRole("navigation").waitFor();
  await page.keyboard.press("Alt+l");
  const dialog = page.getByRole("dialog", { name: /Phone in this browser/ });
  await dialog.waitFor();
  await lookAt(page, "phone");
  await dialog.getByRole("button", { name: "Connect the phone" }).click();
  await dialog.getByText("No microphone may be used.").waitFor();
  await lookAt(page, "phone-trouble");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /Phone: trouble/ }).waitFor();
  expect(complaints).toEqual([]);
});
