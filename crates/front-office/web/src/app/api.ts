import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { Desk } from "../gen/caruso/desk/v1/desk_pb";
import { en } from "../messages";

let token = "";
let renewal: Promise<boolean> | undefined;
let onEnd: () => void = () => {};

const authorize: Interceptor = (next) => (request) => {
  if (token) request.header.set("authorization", `Bearer ${token}`);
  return next(request);
};

/** A token lives for minutes only; a command that meets its end is sent again with a fresh one. */
const renewAndRepeat: Interceptor = (next) => async (request) => {
  try {
    return await next(request);
  } catch (error) {
    const isEnded = ConnectError.from(error).code === Code.Unauthenticated;
    const isOwn = request.method.name === "LogIn" || request.method.name === "Resume";
    if (!isEnded || isOwn || request.stream || !(await renew())) throw error;
    request.header.set("authorization", `Bearer ${token}`);
    return next(request);
  }
};

export const desk = createClient(
  Desk,
  createGrpcWebTransport({
    baseUrl: "/rpc",
    interceptors: [renewAndRepeat, authorize],
  }),
);

/** The token that accompanies every call from now on; empty for none. */
export function carryToken(next: string): void {
  token = next;
}

/** What happens when the log-in session turns out to be over. */
export function whenSessionEnds(handler: () => void): void {
  onEnd = handler;
}

/** Fetches a fresh token by the session's cookie; false only when the session is over. */
export function renew(): Promise<boolean> {
  renewal ??= fetchToken().finally(() => {
    renewal = undefined;
  });
  return renewal;
}

async function fetchToken(): Promise<boolean> {
  try {
    token = (await desk.resume({}, { timeoutMs: 4_000 })).token;
    return true;
  } catch (error) {
    if (ConnectError.from(error).code !== Code.Unauthenticated) return true;
    onEnd();
    return false;
  }
}

/** What went wrong, for a person. */
export function explain(error: unknown): string {
  const failure = ConnectError.from(error);
  switch (failure.code) {
    case Code.DeadlineExceeded:
      return en.error.slow;
    case Code.Unavailable:
    case Code.Unknown:
    case Code.Canceled:
      return failure.rawMessage && failure.code === Code.Unavailable
        ? en.error.unavailable(sentence(failure.rawMessage))
        : en.error.unreachable;
    case Code.Unauthenticated:
      return en.error.sessionOver;
    case Code.PermissionDenied:
      return en.error.notAllowed;
    default:
      return sentence(failure.rawMessage);
  }
}

/** Messages of the components start small and have no full stop. */
export function sentence(text: string): string {
  if (text === "") return text;
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}
