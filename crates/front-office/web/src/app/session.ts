import { Code, ConnectError } from "@connectrpc/connect";
import { type User, Role } from "../gen/caruso/identity/v1/identity_pb";
import { createStore } from "../live/store";
import { desk, carryToken, whenSessionEnds } from "./api";
import { forgetDrafts } from "./drafts";

/** Who works here. */
export type Session =
  | { phase: "unknown"; isUnreachable: boolean }
  | { phase: "out"; isExpired: boolean }
  | { phase: "in"; user: User };

export const session = createStore<Session>({ phase: "unknown", isUnreachable: false });

whenSessionEnds(() => {
  carryToken("");
  session.write({ phase: "out", isExpired: true });
});

/** Tells the other tabs of this browser who works here now; empty for nobody. */
const tabs = new BroadcastChannel("caruso.session");

tabs.onmessage = ({ data }: MessageEvent<string>) => {
  const current = session.read();
  if ((current.phase === "in" ? current.user.name : "") === data) return;
  // The cookie is another one now; what is not sent yet comes back after the reload.
  window.location.reload();
};

/** Takes up the session of the cookie, if there is one. */
export async function resume(): Promise<void> {
  try {
    const answer = await desk.resume({}, { timeoutMs: 5_000 });
    enter(answer.token, answer.user);
  } catch (error) {
    const isOut = ConnectError.from(error).code === Code.Unauthenticated;
    if (isOut) session.write({ phase: "out", isExpired: false });
    else session.write({ phase: "unknown", isUnreachable: true });
  }
}

export async function logIn(user: string, password: string): Promise<void> {
  const answer = await desk.logIn({ user, password }, { timeoutMs: 8_000 });
  enter(answer.token, answer.user);
  tabs.postMessage(answer.user?.name ?? "");
}

/** Refused during a contact. Where nobody answers, this browser forgets the session anyway. */
export async function logOut(): Promise<void> {
  try {
    await desk.logOut({}, { timeoutMs: 4_000 });
  } catch (error) {
    if (ConnectError.from(error).code === Code.FailedPrecondition) throw error;
  }
  carryToken("");
  forgetDrafts();
  tabs.postMessage("");
  session.write({ phase: "out", isExpired: false });
}

function enter(token: string, user: User | undefined): void {
  if (!user) throw new ConnectError("the answer names no user", Code.Internal);
  carryToken(token);
  session.write({ phase: "in", user });
}

export function isAgent(user: User): boolean {
  return user.roles.includes(Role.AGENT);
}

/** Whether the user watches over agents, and may step in; administrators only look. */
export function isOverseer(user: User): boolean {
  return user.roles.includes(Role.SUPERVISOR);
}

export function isSupervisor(user: User): boolean {
  return user.roles.includes(Role.SUPERVISOR) || user.roles.includes(Role.ADMINISTRATOR);
}

/** Whether the user manages the installation. */
export function isAdministrator(user: User): boolean {
  return user.roles.includes(Role.ADMINISTRATOR);
}
