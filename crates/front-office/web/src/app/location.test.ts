import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { Role, UserSchema } from "../gen/caruso/identity/v1/identity_pb";
import { addressOf, pagesFor, parseAddress } from "./location";

const user = (...roles: Role[]) => create(UserSchema, { name: "x", roles });

test("the roles decide the pages", () => {
  expect(pagesFor(user(Role.AGENT))).toEqual(["desk", "history", "abandoned"]);
  expect(pagesFor(user(Role.SUPERVISOR))).toEqual([
    "status",
    "floor",
    "report",
    "history",
    "abandoned",
  ]);
  expect(pagesFor(user(Role.ADMINISTRATOR))).toEqual([
    "status",
    "report",
    "history",
    "components",
  ]);
  expect(pagesFor(user(Role.AGENT, Role.SUPERVISOR))).toEqual([
    "desk",
    "status",
    "floor",
    "report",
    "history",
    "abandoned",
  ]);
});

test("an address of a page that is not allowed leads to the first page", () => {
  expect(parseAddress("#/report", ["desk", "history"])).toEqual({ page: "desk", item: "" });
  expect(parseAddress("", ["status"])).toEqual({ page: "status", item: "" });
});

test("what is chosen on a page survives its address", () => {
  const address = addressOf("history", "a/b c");
  expect(parseAddress(address, ["history"])).toEqual({ page: "history", item: "a/b c" });
});
