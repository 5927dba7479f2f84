// What the editor of tiles and machines sends. The folder of the page's modules is in PAGE_MODULES.
import assert from "node:assert/strict";
import test from "node:test";
import { pathToFileURL } from "node:url";

const folder = pathToFileURL(`${process.env.PAGE_MODULES}/`);
const { changedKeys, CODECS, machineFields, tileFields, valueOf } = await import(new URL("admin-fields.js", folder));

const textsOf = (fields, item) => Object.fromEntries(fields.map(({ key, kind }) => [key, CODECS[kind].write(valueOf(item, key))]));

/** What is sent when somebody writes these texts into the fields of this tile. */
function sent(item, written, fields = tileFields) {
  const before = textsOf(fields, item);
  return changedKeys(fields, { ...before, ...written }, before);
}

test("a part of the idle policy may stand alone", () => {
  const plain = { idle: null };
  assert.deepEqual(sent(plain, {}), {});
  assert.deepEqual(sent(plain, { "idle.type": "work" }), { idle: { timeout: null, type: "work", action: null } });
  assert.deepEqual(sent({ idle: { timeout: 60, type: null, action: "stop" } }, { "idle.timeout": "", "idle.action": "" }), { idle: null });
});

test("never is a timeout", () => {
  const item = { idle: { timeout: "never", type: null, action: null } };
  assert.equal(textsOf(tileFields, item)["idle.timeout"], "never");
  assert.deepEqual(sent({ idle: null }, { "idle.timeout": "never" }), { idle: { timeout: "never", type: null, action: null } });
});

test("times of tiles and machines are durations", () => {
  assert.deepEqual(sent({ time_limit: 7200 }, { default_time: "1h" }), { default_time: "1h" });
  assert.equal(textsOf(machineFields, { default_time: 5400 }).default_time, "90m");
  assert.deepEqual(sent({ default_time: 5400 }, { default_time: "" }, machineFields), { default_time: null });
});

test("a workspace goes with its address", () => {
  const item = { workspace: { url: "https://git.example/a", ref: "x", required: true } };
  assert.deepEqual(sent(item, { "workspace.url": "" }), { workspace: null });
});
