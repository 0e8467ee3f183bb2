import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { FakeDesk } from "./fake";

/** Chooses in a list that opens, by keys alone. */
async function pick(page: Page, label: string, title: string): Promise<void> {
  await page.getByRole("button", { name: new RegExp(`${label}$`) }).press("Enter");
  await page.getByRole("option", { name: title, exact: true }).press("Enter");
}

/** A supervisor reads reports, on whose page they are already. */
export async function readReports(
  page: Page,
  fake: FakeDesk,
  look: (name: string) => Promise<void>,
): Promise<void> {
  await page.getByRole("rowheader", { name: "Moving house" }).waitFor();
  await page.getByRole("img", { name: /^Chart of Answered, Abandoned/ }).waitFor();
  await look("report");
  await pick(page, "Rows", "Hours");
  await page.getByRole("rowheader", { name: "9:00" }).first().waitFor();
  await pick(page, "Beside", "A week before");
  await page.getByText("before 10").first().waitFor();
  await page.keyboard.press("[");
  await expect.poll(() => page.getByLabel("From", { exact: true }).inputValue()).toBe("2026-11-21");
  await look("report-hours");
  const offered = "10: Offered, 9:00, Faults. Show contacts";
  await page.getByRole("button", { name: offered }).press("Enter");
  const dialog = page.getByRole("dialog", { name: "Offered – 9:00, Faults" });
  await dialog.getByText("2 in all.").waitFor();
  await look("report-contacts");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: /^Save as/ }).press("Enter");
  const saved = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: "CSV" }).press("Enter");
  expect((await saved).suggestedFilename()).toBe("incoming-calls.csv");
  expect(fake.told).toContain("exportReport csv week");
  await pick(page, "Report", "Agent availability");
  await page.getByRole("rowheader", { name: "Anna de Wit" }).waitFor();
  expect(await page.getByRole("button", { name: /Service level/ }).count()).toBe(0);
  await look("report-agents");
}
