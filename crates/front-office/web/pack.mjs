// Packs the built files once, so that the server needs not do it for every request. The page itself
// stays as it is: the server writes a nonce into it.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";

const dist = path.join(import.meta.dirname, "dist");
const isText = (name) => /\.(js|css|svg)$/.test(name);

for (const name of readdirSync(dist, { recursive: true }).filter(isText)) {
  const file = path.join(dist, name);
  const packed = gzipSync(readFileSync(file), { level: 9 });
  writeFileSync(`${file}.gz`, packed);
  console.log(`${name}.gz ${(packed.length / 1024).toFixed(0)} kB`);
}
