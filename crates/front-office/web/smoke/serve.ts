import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import path from "node:path";
import { type ConnectRouter, createConnectRouter } from "@connectrpc/connect";

const DIST = path.join(import.meta.dirname, "../dist");
const NONCE = "c21va2U";
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".wav": "audio/wav",
};

/** The policy that the front office sends, so that a breach shows here already. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'self' 'nonce-${NONCE}'`,
  "img-src 'self'",
  "media-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Serves the built pages and an interface to them on a free port of loopback. */
export async function serve(routes: (router: ConnectRouter) => void): Promise<{
  address: string;
  close: () => void;
}> {
  const router = createConnectRouter({ requireConnectProtocolHeader: false });
  routes(router);
  const server = createServer((request, response) => {
    void answer(router, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { address: `http://127.0.0.1:${portOf(server)}`, close: () => closeAll(server) };
}

/** A WAV file of a second of silence: 8 kHz, mono, 16 bit. */
function quiet(): Buffer {
  const file = Buffer.alloc(44 + 16_000);
  file.write("RIFF", 0);
  file.writeUInt32LE(file.length - 8, 4);
  file.write("WAVEfmt ", 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(8_000, 24);
  file.writeUInt32LE(16_000, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36);
  file.writeUInt32LE(16_000, 40);
  return file;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

function closeAll(server: Server): void {
  server.close();
  server.closeAllConnections();
}

async function answer(
  router: ConnectRouter,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  if (url.pathname.startsWith("/recordings/")) {
    response.writeHead(200, { "content-type": "audio/wav" });
    response.end(url.pathname.endsWith("gone") ? "" : quiet());
    return;
  }
  const handler = router.handlers.find((each) => url.pathname === `/rpc${each.requestPath}`);
  if (!handler) {
    await file(url.pathname, response);
    return;
  }
  const abort = new AbortController();
  response.on("close", () => abort.abort());
  const result = await handler({
    httpVersion: "1.1",
    url: url.href,
    method: request.method ?? "POST",
    header: new Headers(request.headers as Record<string, string>),
    body: request,
    signal: abort.signal,
  });
  response.writeHead(result.status, Object.fromEntries(result.header ?? []));
  response.flushHeaders();
  for await (const chunk of result.body ?? []) response.write(chunk);
  response.end();
}

async function file(pathname: string, response: ServerResponse): Promise<void> {
  const name = pathname === "/" ? "index.html" : pathname.slice(1);
  try {
    const content = await readFile(path.join(DIST, name));
    const type = TYPES[path.extname(name)] ?? "application/octet-stream";
    response.writeHead(200, { "content-type": type, "content-security-policy": POLICY });
    const isPage = name === "index.html";
    response.end(isPage ? content.toString().replaceAll("CARUSO_NONCE", NONCE) : content);
  } catch {
    response.writeHead(404).end();
  }
}
