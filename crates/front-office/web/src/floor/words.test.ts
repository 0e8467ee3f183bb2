import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { ImposedSchema } from "../gen/caruso/contact/v1/contact_pb";
import { imposedText } from "./words";

test("by whom a state was set is said, and why where that is known", () => {
  const at = { seconds: 0n, nanos: 0, $typeName: "google.protobuf.Timestamp" as const };
  const imposed = create(ImposedSchema, { supervisor: "sofie", at });
  expect(imposedText(imposed)).toMatch(/^Set by sofie at \d\d:\d\d:\d\d$/);
  expect(imposedText({ ...imposed, words: "lunch first" })).toMatch(/: lunch first$/);
});
