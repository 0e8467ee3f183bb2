import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { AgentState } from "../src/gen/caruso/contact/v1/contact_pb";
import { QuestionType } from "../src/gen/caruso/script/v1/script_engine_pb";
import {
  asking,
  consent,
  consulted,
  consulting,
  correctable,
  fields,
  held,
  interruptible,
  matrix,
  message,
  multiple,
  offered,
  paged,
  questioning,
  ranking,
  reading,
  rows,
  scale,
  several,
  shared,
  transferred,
  typing,
  unknown,
  wrapUp,
} from "./call";
import { FakeDesk, idle } from "./fake";
import { lookAt } from "./look";
import { readReports } from "./reading";
import { serve } from "./serve";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

let browser: Browser;
let context: BrowserContext;
let page: Page;
let fake: FakeDesk;
let close: () => void;
let complaints: string[];

beforeAll(async () => {
  const executablePath = process.env["CARUSO_CHROMIUM"] ?? "/usr/bin/chromium";
  browser = await chromium.launch({ executablePath, args: FLAGS });
});

afterAll(() => browser.close());

beforeEach(async () => {
  fake = new FakeDesk();
  const served = await serve(fake.routes);
  close = served.close;
  context = await browser.newContext({
    baseURL: served.address,
    locale: "en-GB",
    timezoneId: "Europe/Amsterdam",
    viewport: { width: 1440, height: 900 },
    reducedMotion: "reduce",
  });
  page = await context.newPage();
  page.setDefaultTimeout(10_000);
  complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // The browser itself notes each refused request; the refusals are the tests' own.
    const isRefusal = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !isRefusal) complaints.push(message.text());
  });
});

afterEach(async () => {
  await context.close();
  close();
  expect(complaints).toEqual([]);
});

async function logIn(user: string): Promise<void> {
  await page.goto("/");
  await page.getByLabel("User name").fill(user);
  await page.getByLabel("Password").fill("demo");
  await page.keyboard.press("Enter");
  await page.getByRole("navigation").waitFor();
}

const look = (name: string) => lookAt(page, name);

test("a wrong password is refused in words, the right one opens the desk", async () => {
  await page.goto("/");
  await look("log-in");
  await page.getByLabel("User name").fill("anna");
  await page.getByLabel("Password").fill("wrong");
  await page.keyboard.press("Enter");
  await page.locator("form").getByText("User name or password is wrong.").waitFor();
  await page.getByLabel("Password").fill("demo");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "You are not ready" }).waitFor();
});

test("an agent becomes ready by a key, and not ready with a reason", async () => {
  await logIn("anna");
  await page.getByRole("heading", { name: "You are not ready" }).waitFor();
  await look("idle");
  await page.keyboard.press("Alt+r");
  await page.getByRole("heading", { name: "You are ready" }).waitFor();
  await page.keyboard.press("Alt+n");
  await page.getByRole("menuitem", { name: "Meeting" }).waitFor();
  await look("state-menu");
  await page.getByRole("menuitem", { name: "Meeting" }).click();
  await page.getByRole("button", { name: /Not ready: Meeting/ }).waitFor();
  expect(fake.told).toEqual(["setState true ", "setState false meeting"]);
});

test("an offer is announced with caller and reason, and can be declined", async () => {
  await logIn("anna");
  await page.getByRole("heading", { name: "You are not ready" }).waitFor();
  fake.show(unknown);
  await page.getByText("Looking up who calls").waitFor();
  await look("offered-late");
  fake.show(offered());
  await page.getByRole("alert").getByText("Incoming contact: Faults. Ms Jansen").waitFor();
  await page.getByText("You have been ready longest").waitFor();
  await look("offered");
  await page.keyboard.press("Alt+x");
  await expect.poll(() => fake.told).toEqual(["decline 019a-5"]);
});

test("a customer is put on hold by a key, remembered, and taken back", async () => {
  await logIn("anna");
  fake.show(asking);
  await page.getByRole("heading", { name: "In conversation" }).waitFor();
  await page.keyboard.press("Alt+o");
  await expect.poll(() => fake.told).toEqual(["hold 019a-5"]);
  fake.show(held(false));
  await page.getByRole("heading", { name: "Customer on hold" }).waitFor();
  await page.getByRole("alert").getByText("The customer is still on hold.").waitFor();
  await look("held");
  await page.getByRole("button", { name: "Back to the customer" }).click();
  await expect.poll(() => fake.told.at(-1)).toBe("retrieve 019a-5");
  fake.show(held(true));
  await page.getByText("Your telephone holds the call. Take it back there.").waitFor();
  await page.keyboard.press("Alt+o");
  await look("held-by-telephone");
  expect(fake.told).toEqual(["hold 019a-5", "retrieve 019a-5"]);
});

test("a customer is transferred by keys alone to whoever can take them, with a note", async () => {
  await logIn("anna");
  fake.show(asking);
  await page.getByRole("heading", { name: "In conversation" }).waitFor();
  await page.keyboard.press("Alt+t");
  const dialog = page.getByRole("dialog", { name: "Transfer the customer" });
  await dialog.getByText("Bram Jansen, 102").waitFor();
  expect(await dialog.getByText("Cees Smit").count()).toBe(0);
  await look("transfer");
  await page.keyboard.type("bram");
  await page.keyboard.press("Enter");
  await dialog.getByText("Choose to whom.").waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Asks about the bill");
  await page.keyboard.press("Control+Enter");
  await expect.poll(() => fake.told).toEqual(["transfer agent bram Asks about the bill"]);
  fake.show(transferred("Anna de Vries", "Asks about the bill"));
  await page.getByText("Transferred by Anna de Vries").waitFor();
  await page.getByText("Asks about the bill").first().waitFor();
  await look("transferred");
});

test("a colleague is asked by keys alone, and gets the customer or is let go", async () => {
  await logIn("anna");
  fake.show(asking);
  await page.getByRole("heading", { name: "In conversation" }).waitFor();
  await page.keyboard.press("Alt+q");
  const dialog = page.getByRole("dialog", { name: "Ask somebody about the customer" });
  await dialog.getByText("Bram Jansen, 102").waitFor();
  await dialog.getByText("Grid operator").waitFor();
  expect(await dialog.getByText("Moving").count()).toBe(0);
  await page.keyboard.type("bram");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Which meter is it?");
  await look("consult");
  await page.keyboard.press("Control+Enter");
  await expect.poll(() => fake.told).toEqual(["consult colleague bram Which meter is it? s1"]);
  await dialog.waitFor({ state: "hidden" });
  fake.show(consulting(false));
  await page.getByText("Bram Jansen's telephone rings.").first().waitFor();
  expect(await page.getByRole("button", { name: "Hang up" }).count()).toBe(0);
  fake.show(consulting(true));
  await page.getByText("Bram Jansen is on the line.").first().waitFor();
  await look("consulting");
  await page.getByRole("button", { name: "Talk to the customer" }).waitFor();
  await page.keyboard.press("Alt+o");
  await page.keyboard.press("Alt+j");
  await page.keyboard.press("Alt+t");
  await page.keyboard.press("Alt+b");
  const told = ["retrieve 019a-5", "confer 019a-5", "complete 019a-5", "end 019a-5"];
  await expect.poll(() => fake.told.slice(1)).toEqual(told);
});

test("who is asked sees by whom and reads along, with nothing to fill in", async () => {
  await logIn("anna");
  fake.show(consulted(AgentState.OFFERED));
  await page.getByRole("heading", { name: "A colleague asks you" }).waitFor();
  await page.getByRole("alert").getByText("Bram Jansen asks you about").waitFor();
  await page.getByText("Which meter is it?").waitFor();
  await page.getByText("Is there anything that our fitter should know?").first().waitFor();
  await look("consulted");
  fake.show(consulted(AgentState.TALKING));
  await page.getByRole("heading", { name: "You are asked" }).waitFor();
  expect(await page.getByRole("textbox").count()).toBe(0);
  expect(await page.getByRole("button", { name: /Change/ }).count()).toBe(0);
  await page.keyboard.press("Alt+o");
  await page.keyboard.press("Alt+h");
  await expect.poll(() => fake.told).toEqual(["hangUp 019a-5"]);
});

test("a script is answered by digits, and an earlier answer can be changed", async () => {
  await logIn("anna");
  fake.show(asking);
  await page.getByText("is the whole house without power", { exact: false }).first().waitFor();
  await look("asking");
  await page.keyboard.press("2");
  await expect.poll(() => fake.told).toEqual(["answer kind part"]);
  fake.show(typing);
  const answer = page.getByRole("textbox", { name: "Your answer" });
  await answer.waitFor();
  await expect.poll(() => answer.evaluate((field) => field === document.activeElement)).toBe(true);
  await page.getByRole("button", { name: "Change: What is the fault?" }).click();
  await page.getByRole("heading", { name: "Change your answer" }).waitFor();
  await look("changing");
  await page.getByRole("button", { name: "Smell of gas" }).click();
  await expect.poll(() => fake.told.at(-1)).toBe("answer kind smell");
});

test("before an answer changes it is said what that takes back and what it does not", async () => {
  await logIn("anna");
  fake.show(correctable);
  const actions = page.getByRole("region", { name: "Actions" });
  await actions.getByText("taken back", { exact: true }).waitFor();
  await actions.getByText("could not be taken back").waitFor();
  await page.getByRole("button", { name: "Change: What is the fault?" }).click();
  const step = page.locator(".step");
  const undone = "A change takes back, unless it comes out the same: Service order.";
  await step.getByText(undone).waitFor();
  await step.getByText("Stays as it is: Letter.").waitFor();
  await look("consequences");
});

test("rows of a roster are told apart, removed and brought back", async () => {
  await logIn("anna");
  fake.show(rows);
  await page.locator(".step").getByRole("heading", { name: "Meter 3" }).waitFor();
  await page.getByText("Other meters, at least 2 more to ask").waitFor();
  await look("rows");
  await page.getByRole("button", { name: "Bring back: Meter 2" }).click();
  await expect.poll(() => fake.told.at(-1)).toBe("answer meters/row of 2 true");
  await page.getByRole("button", { name: "Remove: Meter 1" }).click();
  await expect.poll(() => fake.told.at(-1)).toBe("answer meters/row of 1 false");
  await page.locator(".step input").fill("0817");
  await page.keyboard.press("Enter");
  await expect.poll(() => fake.told.at(-1)).toBe("answer meter of 3 0817");
});

test("each kind of field takes what fits and says beside it what does not", async () => {
  await logIn("anna");
  for (const [text, question, typed, sent] of fields) {
    fake.show(questioning(text, question));
    await page.locator(".say").getByText(text).waitFor();
    await page.locator(".step input").fill(typed);
    await look(`field-${question.type}`);
    await page.keyboard.press("Enter");
    await expect.poll(() => fake.told.at(-1)).toMatch(new RegExp(`^answer \\w+ ${sent}$`));
  }
  fake.refusal = "an IBAN is needed; a digit or letter of this one is wrong";
  fake.show(questioning("Your account?", { type: QuestionType.IBAN }));
  await page.getByRole("textbox", { name: "IBAN" }).fill("NL91 ABNA 0417 1643 01");
  await page.keyboard.press("Enter");
  await page.locator(".step .field").getByText("a digit or letter of this one").waitFor();
  await look("field-refused");
});

test("a number of a scale is its key, and a special answer is a button", async () => {
  await logIn("anna");
  fake.show(scale);
  await page.getByRole("button", { name: "5, very" }).waitFor();
  await look("scale");
  await page.keyboard.press("4");
  await expect.poll(() => fake.told.at(-1)).toBe("answer SCALE 4");
  await page.getByRole("button", { name: "Does not say" }).click();
  await expect.poll(() => fake.told.at(-1)).toBe("answer SCALE 2");
});

test("several choices are picked by their digits, and ranked in that order", async () => {
  await logIn("anna");
  fake.show(multiple);
  await page.getByRole("button", { name: "District heating" }).waitFor();
  await page.keyboard.press("Alt+s");
  await page.locator(".step").getByText("Choose 1 to 3.").waitFor();
  for (const key of ["3", "2", "1", "3"]) await page.keyboard.press(key);
  const gas = page.getByRole("button", { name: "Gas" });
  await expect.poll(() => gas.getAttribute("aria-pressed")).toBe("true");
  await look("multiple");
  await page.keyboard.press("Alt+s");
  await expect.poll(() => fake.told.at(-1)).toBe("answer MULTIPLE gas electricity");
  fake.show(ranking);
  await page.getByText("What matters most").first().waitFor();
  for (const key of ["2", "3", "1"]) await page.keyboard.press(key);
  await page.getByRole("button", { name: "1. Gas" }).waitFor();
  await look("ranking");
  await page.keyboard.press("Alt+s");
  await expect.poll(() => fake.told.at(-1)).toBe("answer RANKING gas heat electricity");
  fake.show(consent);
  await page.getByText("May we send you the bill").first().waitFor();
  await look("consent");
  await page.keyboard.press("2");
  await expect.poll(() => fake.told.at(-1)).toBe("answer CONSENT false");
});

test("an answer that a check doubts is kept for a reason", async () => {
  await logIn("anna");
  fake.doubt = "Hardly any meter of a home has counted so much.";
  fake.show(reading);
  const field = page.getByRole("textbox", { name: "Your answer" });
  await field.fill("250000,5");
  await page.keyboard.press("Enter");
  const reason = page.getByRole("textbox", { name: "Why it is right" });
  await reason.waitFor();
  await expect.poll(() => reason.evaluate((it) => it === document.activeElement)).toBe(true);
  await page.keyboard.press("Enter");
  await page.getByText("Say why the answer is right.").waitFor();
  await look("doubt");
  await reason.fill("a bakery");
  await page.keyboard.press("Enter");
  await expect.poll(() => fake.told.at(-1)).toBe("answer DECIMAL 250000.5 because a bakery");
  await reason.waitFor({ state: "detached" });
});

test("something else comes up: it is begun by a key, from a menu", async () => {
  await logIn("anna");
  fake.show(interruptible);
  const opener = page.getByRole("button", { name: /Something else comes up/ });
  await opener.waitFor();
  await look("interruptible");
  await page.keyboard.press("Alt+KeyI");
  const entry = page.getByRole("menuitem", { name: "Wants to be called back" });
  await entry.waitFor();
  await look("interrupts");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect.poll(() => fake.told.at(-1)).toBe("interrupt call_back");
  fake.show(paged);
  await opener.waitFor({ state: "detached" });
});

test("a page is one form: Enter sends it, the focus goes to what is wrong", async () => {
  await logIn("anna");
  fake.show(paged);
  const town = page.getByRole("textbox", { name: "Which town?" });
  const number = page.getByRole("textbox", { name: "And the house number?" });
  const isFocused = (field: typeof town) => field.evaluate((it) => it === document.activeElement);
  await expect.poll(() => town.inputValue()).toBe("Baarn");
  await expect.poll(() => isFocused(town)).toBe(true);
  await look("page");
  await page.keyboard.press("Enter");
  await expect.poll(() => isFocused(number)).toBe(true);
  await page.locator(".step").getByText("Choose 1 to 3.").waitFor();
  await look("page-problems");
  expect(fake.told).toEqual([]);
  await page.keyboard.type("12");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.getByRole("button", { name: "Does not say: What shall we supply?" }).waitFor();
  fake.refused = {
    city: { code: "CX0110", text: "No such town." },
    house_number: { code: "CX0109", text: "Hardly any street is that long." },
  };
  await number.press("Enter");
  await page.locator(".step").getByText("No such town.").waitFor();
  await expect.poll(() => isFocused(town)).toBe(true);
  await look("page-refused");
  delete fake.refused["city"];
  await page.keyboard.press("Enter");
  const reason = page.getByRole("textbox", { name: "Why it is right" });
  await expect.poll(() => isFocused(reason)).toBe(true);
  await page.keyboard.type("seen");
  await page.keyboard.press("Enter");
  const sent = "city=Baarn, house_number=12 because seen, kind=house, media=electricity";
  await expect.poll(() => fake.told.at(-1)).toBe(`page address: ${sent}`);
});

test("a matrix is a table of radio buttons, a row for each item", async () => {
  await logIn("anna");
  fake.show(matrix);
  const row = (name: string) => page.getByRole("radiogroup", { name });
  await row("Friendliness").getByRole("radio", { name: "5, well" }).waitFor();
  await look("matrix");
  await page.keyboard.press("Enter");
  await page.locator(".step").getByText("An answer is needed here.").first().waitFor();
  await expect.poll(() => page.locator(".step input:focus").count()).toBe(1);
  await page.keyboard.press("Enter");
  expect(await page.locator(".step input:checked").count()).toBe(0);
  await look("matrix-problems");
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowRight");
  for (const key of ["Tab", "Space", "ArrowLeft", "Tab", "Space"]) await page.keyboard.press(key);
  await page.keyboard.press("Enter");
  // left of the first column comes the last, which says that it is not known
  const sent = "service/friendly=2, service/fast=1, service/clear=1";
  await expect.poll(() => fake.told.at(-1)).toBe(`page service: ${sent}`);
});

test("what was typed survives a reload and a lost connection", async () => {
  await logIn("anna");
  fake.show(typing);
  await page.getByRole("textbox", { name: "Your answer" }).fill("Meter in the cellar, 1 key");
  await page.getByRole("textbox", { name: "Note" }).fill("Calls back at five");
  await page.reload();
  const answer = page.getByRole("textbox", { name: "Your answer" });
  await expect.poll(() => answer.inputValue()).toBe("Meter in the cellar, 1 key");
  await context.setOffline(true);
  close();
  await page.getByText("Connection lost – reconnecting").first().waitFor();
  await look("lost");
  expect(await answer.inputValue()).toBe("Meter in the cellar, 1 key");
  const note = page.getByRole("textbox", { name: "Note" });
  expect(await note.inputValue()).toBe("Calls back at five");
});

test("one of several customers is chosen", async () => {
  await logIn("anna");
  fake.show(shared);
  await page.getByText("Several customers share this number").waitFor();
  await look("several");
  await page.getByRole("button", { name: "This one: Mr Smit" }).click();
  await expect.poll(() => fake.told).toEqual(["chooseCustomer C100043"]);
});

test("wrap-up asks for a disposition and sends it with the note", async () => {
  await logIn("anna");
  fake.show(wrapUp());
  await page.getByRole("button", { name: "Close contact" }).waitFor();
  await look("wrap-up");
  await page.keyboard.press("Alt+c");
  await page.locator("#wrap-up").getByText("Choose a disposition.").waitFor();
  await page.keyboard.press("Space");
  await page.getByRole("textbox", { name: "Note" }).fill("All clear");
  await page.keyboard.press("Alt+c");
  await expect.poll(() => fake.told).toEqual(["dispose fault-reported All clear"]);
  fake.show(idle(AgentState.READY));
  await page.getByRole("heading", { name: "You are ready" }).waitFor();
  expect(await page.getByRole("heading", { name: "Wrap-up" }).count()).toBe(0);
  expect(await page.getByRole("heading", { name: "Result" }).count()).toBe(0);
});

test("a supervisor sees live figures, and that they are old when they are", async () => {
  await logIn("sofie");
  await page.getByRole("rowheader", { name: "Faults" }).waitFor();
  await look("status");
  fake.isStatusStale = true;
  await page.reload();
  await page.getByText("Not live: these figures are from").waitFor();
  await look("status-stale");
});

test("who waits gets another priority, and who listens takes over by a key", async () => {
  await logIn("tess");
  await page.keyboard.press("Alt+3");
  const waits = page.getByRole("row", { name: /0612345679/ });
  await waits.getByRole("button").click();
  await page.getByRole("menuitem", { name: "Another priority than 2" }).click();
  const dialog = page.getByRole("dialog", { name: "Another priority" });
  await dialog.getByRole("radio", { name: "7" }).check({ force: true });
  await look("priority");
  await dialog.getByRole("button", { name: "Set the priority" }).click();
  await expect.poll(() => fake.told).toEqual(["setPriority c2 7"]);
  await dialog.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Take over" }).waitFor();
  await look("floor");
  await page.keyboard.press("Alt+k");
  await expect.poll(() => fake.told).toEqual(["setPriority c2 7", "takeOver c1"]);
  await expect.poll(() => page.url()).toContain("#/desk");
});

test("a report is chosen, turned, compared, and asked who is behind", async () => {
  await logIn("sofie");
  await page.keyboard.press("Alt+3");
  await readReports(page, fake, look);
});

test("a contact shows its path and why each agent got it, found by keys", async () => {
  await logIn("anna");
  await page.keyboard.press("Alt+2");
  await page.getByText("Choose a contact to see its path.").waitFor();
  await page.keyboard.press("j");
  await page.getByText("Anna has been ready longest").waitFor();
  await page.getByText("Transferred by Bram Jansen").waitFor();
  await page.getByText("Asks for Anna").waitFor();
  await page.getByRole("region", { name: "Path" }).getByText("On hold", { exact: true }).waitFor();
  await look("history");
});

test("what was laid aside is told, and gone on with by a key or a click", async () => {
  await logIn("anna");
  fake.show(several());
  await page.getByRole("heading", { name: "Also yours" }).waitFor();
  await look("laid-aside");
  await page.keyboard.press("Alt+u");
  await page.getByRole("button", { name: "Go on with +31687654321" }).click();
  await expect.poll(() => fake.told).toEqual(["takeUp 019a-9", "takeUp 019a-8"]);
});

test("a message is heard by a key, called back by another, missed where it is gone", async () => {
  await logIn("anna");
  fake.show(message(false));
  await page.getByRole("heading", { name: "Message of the customer" }).waitFor();
  const player = page.getByLabel("Message of the customer, 0:24");
  await player.waitFor();
  await look("message");
  await page.keyboard.press("Alt+p");
  const place = () => player.evaluate((it: HTMLAudioElement) => it.currentTime);
  await expect.poll(place).toBeGreaterThan(0);
  await page.keyboard.press("Alt+d");
  await expect.poll(() => fake.told).toEqual(["callBack 019a-5"]);
  fake.show(message(true));
  await page.getByRole("alert").getByText("The message cannot be played.").waitFor();
  await look("message-gone");
});

test("who hung up is found and called back by keys, unless a colleague calls them", async () => {
  await logIn("anna");
  await page.keyboard.press("Alt+3");
  await page.getByText("Bram Jansen is calling").waitFor();
  await page.keyboard.press("j");
  const chosen = page.locator("[aria-current=true]");
  await page.getByRole("link", { name: "+31612345678" }).and(chosen).waitFor();
  await look("abandoned");
  await page.keyboard.press("Alt+d");
  await expect.poll(() => fake.told).toEqual(["callBack 019a-7"]);
  // who has called is at the desk, and not before the answer has come
  await page.getByRole("heading", { name: "You are not ready" }).waitFor();
  await page.getByRole("navigation").getByRole("link", { name: "Hung up" }).click();
  await page.getByText("Bram Jansen is calling").waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await chosen.and(page.getByRole("link", { name: "+31687654321" })).waitFor();
  await page.keyboard.press("Alt+d");
  await page.getByRole("button", { name: "Call back +31612345678" }).click();
  await expect.poll(() => fake.told).toEqual(["callBack 019a-7", "callBack 019a-7"]);
});

test("an administrator sees what runs, who calls it, and what is wrong with it", async () => {
  await logIn("ada");
  await page.getByRole("navigation").getByRole("link", { name: "Components" }).click();
  const row = (name: string) => page.getByRole("row").filter({ hasText: name });
  await row("StorageManager").getByText("1284").waitFor();
  await row("erp").getByText("Silent").waitFor();
  await row("erp").getByText("application.xml declares no wrapper").waitFor();
  await page.getByText("Stands by").waitFor();
  await row("ScriptEngine").getByText("cannot be reached").waitFor();
  await page.getByText("Development mode").waitFor();
  await look("components");
});

test("the keys that work are listed, and the end of a session leads to the log-in", async () => {
  await logIn("anna");
  fake.show(idle(AgentState.READY));
  await page.getByRole("heading", { name: "You are ready" }).waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog").getByText("Not ready – choose why").waitFor();
  await look("keys");
  await page.keyboard.press("Escape");
  fake.logOutEverybody();
  await page.reload();
  await page.getByLabel("User name").waitFor();
});
