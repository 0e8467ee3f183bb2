import { useSyncExternalStore } from "react";
import type { User } from "../gen/caruso/identity/v1/identity_pb";
import { isAdministrator, isAgent, isOverseer, isSupervisor } from "./session";

export type Page = "desk" | "status" | "floor" | "report" | "history" | "abandoned" | "components";

/** The pages of a person, first the one they start on. */
export function pagesFor(user: User): Page[] {
  const pages: Page[] = [];
  if (isAgent(user)) pages.push("desk");
  if (isSupervisor(user)) pages.push("status");
  if (isOverseer(user)) pages.push("floor");
  if (isSupervisor(user)) pages.push("report");
  pages.push("history");
  if (isAgent(user) || isOverseer(user)) pages.push("abandoned");
  if (isAdministrator(user)) pages.push("components");
  return pages;
}

/** Page and what is chosen on it; the first page where the address leads to none allowed. */
export function parseAddress(hash: string, allowed: Page[]): { page: Page; item: string } {
  const [, name = "", item = ""] = hash.split("/");
  const page = allowed.find((each) => each === name) ?? allowed[0] ?? "history";
  return { page, item: page === name ? decodeURIComponent(item) : "" };
}

export function addressOf(page: Page, item = ""): string {
  return item === "" ? `#/${page}` : `#/${page}/${encodeURIComponent(item)}`;
}

function subscribe(listener: () => void): () => void {
  window.addEventListener("hashchange", listener);
  return () => window.removeEventListener("hashchange", listener);
}

export function useAddress(allowed: Page[]): { page: Page; item: string } {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash);
  return parseAddress(hash, allowed);
}
