// What the pages say of a runtime's end. The folder of the page's modules is the first argument.
import assert from "node:assert/strict";
import test from "node:test";
import { pathToFileURL } from "node:url";

const folder = pathToFileURL(`${process.env.PAGE_MODULES}/`);
const idle = await import(new URL("idle.js", folder));
const { whyText } = await import(new URL("states.js", folder));
const { localTimes, moment } = await import(new URL("format.js", folder));

const NOW = Date.parse("2026-03-02T12:00:00Z");
const at = (seconds) => new Date(NOW + 1000 * seconds).toISOString();
const told = (seconds, more = {}, cause = "idle", action = "pause") => ({
  since: null, held_until: null, expires_at: null, warnings: [600, 300, 60], ...more, ends: { at: at(seconds), seconds, cause, action },
});

test("an end is told shortly, and never as later than it is", () => {
  const said = (seconds, action) => idle.shortly(told(seconds, {}, "idle", action), NOW);
  assert.equal(said(599, "pause"), "pauses in 9 min");
  assert.equal(said(59, "stop"), "stops in less than 1 min");
  assert.equal(said(-3, "freeze"), "freezes now");
  assert.match(said(3 * 3600, "pause"), /^pauses at .*\d\d:\d\d/);
  assert.equal(idle.shortly({ ends: null }, NOW), "");
  assert.equal(idle.shortly(null, NOW), "");
});

test("the warning is the smallest that was reached", () => {
  const warning = (seconds, more, cause) => idle.warningOf(told(seconds, more, cause), NOW);
  assert.deepEqual([601, 600, 301, 300, 61, 60, -5].map((each) => warning(each)), [null, 600, 600, 300, 300, 60, 60]);
  assert.equal(warning(100, { warnings: [] }), null);
  assert.equal(warning(100, { warnings: undefined }), 300);
  assert.equal(warning(100, {}, "frozen"), null);
});

test("a card says since when it is idle and what comes of it", () => {
  assert.equal(idle.idleText(told(540, { since: at(-60) }), NOW), "Idle for 1 min: it pauses in 9 min.");
  assert.equal(idle.idleText(told(540, { since: at(-60) }, "expired"), NOW), "Idle for 1 min.");
  assert.match(idle.idleText(told(540, { held_until: at(3600) }), NOW), /^Kept until .*, though it may be idle\.$/);
  assert.equal(idle.idleText({ timeout: 3600 }, NOW), "");
  const running = { state: "running", idle: { timeout: 3600, type: "work", action: "stop" }, expires_at: null };
  assert.equal(whyText(running), "Stops after 1 h in which nothing computes.");
  assert.equal(whyText({ ...running, idle: null }), "Runs until you stop it.");
});

test("a warning says why", () => {
  assert.match(idle.warningText(told(540, { since: at(-60) }), NOW), /^Nobody has used it for 1 min: it pauses in 9 min \(.*\)\.$/);
  assert.match(idle.warningText(told(540, {}, "expired", "stop"), NOW), /^Its time limit ends: it stops in 9 min/);
});

test("one that was left running is not said to pause", () => {
  const left = told(-30, { found: "It is idle and was left running since 11:30 UTC." });
  assert.equal(idle.warningText(left, NOW), `It is idle and was left running since ${moment(at(-1800))}.`);
});

test("hours are those of the reader's clock", () => {
  const said = (text, seconds = 0) => localTimes(text, NOW + 1000 * seconds);
  assert.equal(said("It will pause at 12:10 UTC."), `It will pause at ${moment(at(600))}.`);
  assert.equal(said("at 02:00 UTC, or 23:00 UTC", 11 * 3600), `at ${moment(at(14 * 3600))}, or ${moment(at(11 * 3600))}`);
  assert.equal(said("at 4 Mar 12:00 UTC", 2 * 86400), `at ${moment(at(2 * 86400))}`);
  assert.equal(said("at 1 Jan 12:00 UTC"), `at ${moment("2026-01-01T12:00:00Z")}`);
  assert.equal(said("seen at 2026-03-02T11:00:05.123456Z."), `seen at ${moment(at(-3595))}.`);
  assert.equal(said("99 Abc 10:00 UTC, 5:00 UTC, 10:00"), "99 Abc 10:00 UTC, 5:00 UTC, 10:00");
  assert.equal(idle.reasonText({ reason: "would pause at 13:00 UTC otherwise.", reason_at: at(3600) }), `would pause at ${moment(at(3600))} otherwise.`);
  assert.equal(idle.reasonText(null), "");
});

test("what is offered stays within the caps", () => {
  const limit = (room) => told(300, { expires_at: at(300), extend: room, hold: { max_seconds: null } }, "expired");
  assert.equal(idle.canExtend(limit(null)), false);
  assert.equal(idle.roomToExtend(limit({ max_seconds: 2000 })), 2000);
  assert.equal(idle.roomToExtend(limit({ max_seconds: null })), Infinity);
  assert.deepEqual(idle.choices(2000), [900, 1800, 1980]);
  assert.deepEqual(idle.choices(30), []);
  assert.equal(idle.choices(Infinity).at(-1), 24 * 3600);
  assert.equal(idle.roomToKeep(limit(null), NOW), 300);
  assert.equal(idle.latest(limit({ max_seconds: 600 }), NOW), at(900));
  assert.equal(idle.latest(limit({ max_seconds: null }), NOW), null);
  assert.equal(idle.canKeep(told(300, { hold: null }), NOW), false);
});

test("the end that comes first is the one that is moved", () => {
  assert.deepEqual(idle.toExtend(told(300), 900), [{ action: "hold", body: { seconds: 900 } }]);
  assert.deepEqual(idle.toExtend(told(300, {}, "expired"), 900), [{ action: "extend", body: { seconds: 900 } }]);
  const keep = (expires, until) => idle.toKeep(told(300, { expires_at: expires }), until).map(({ action }) => action);
  assert.deepEqual(keep(null, at(900)), ["hold"]);
  assert.deepEqual(keep(at(2000), at(900)), ["hold"]);
  assert.deepEqual(keep(at(600), at(900)), ["extend", "hold"]);
});
