// Writes src/gen from proto/: the descriptor set that crate `caruso-api` compiles goes through
// protoc-gen-es, without protoc. Run it after a change of a proto file: npm run gen.
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  CodeGeneratorRequestSchema,
  CodeGeneratorResponseSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";

const ROOT = "caruso/desk/v1/desk.proto";
const output = path.join(import.meta.dirname, "src/gen");
const megabytes = 1024 * 1024;

const encoded = execFileSync(
  "cargo",
  ["run", "--quiet", "--package", "caruso-front-office", "--example", "descriptors"],
  { cwd: import.meta.dirname, maxBuffer: 16 * megabytes },
);
const files = fromBinary(FileDescriptorSetSchema, encoded).file;
const byName = new Map(files.map((file) => [file.name, file]));

const needed = new Set();
function need(name) {
  if (needed.has(name)) return;
  byName.get(name).dependency.forEach(need);
  needed.add(name);
}
need(ROOT);

const request = create(CodeGeneratorRequestSchema, {
  fileToGenerate: [...needed].filter((name) => name.startsWith("caruso/")),
  parameter: "target=ts",
  protoFile: [...needed].map((name) => byName.get(name)),
});
const plugin = path.join(import.meta.dirname, "node_modules/.bin/protoc-gen-es");
const answer = execFileSync(plugin, {
  input: toBinary(CodeGeneratorRequestSchema, request),
  maxBuffer: 16 * megabytes,
});
const response = fromBinary(CodeGeneratorResponseSchema, answer);
if (response.error) throw new Error(response.error);

rmSync(output, { recursive: true, force: true });
for (const file of response.file) {
  const target = path.join(output, file.name);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, file.content);
}
console.log(`${response.file.length} files written below src/gen`);
