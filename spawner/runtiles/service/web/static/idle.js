// When a runtime ends, why, and what moves its end: from what the service says of it. No DOM in here.
import { duration, localTimes, moment } from "./format.js";

const MINUTE = 60;
const HOUR = 3600;
/** Where the service does not say at which moments it warns. */
const WARNINGS = [600, 300, 60];
/** What Extend offers, as far as the cap allows. */
const STEPS = [15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 24 * HOUR];
/** A year: beyond it nobody plans. */
const LONGEST = 365 * 24 * HOUR;

const DOES = { stop: "stops", freeze: "freezes", pause: "pauses" };

/** Only a runtime that the service watches has an end, or could have one. */
export const isWatched = ({ state, idle }) => ["running", "frozen"].includes(state) && Boolean(idle && "ends" in idle);

/** Seconds until the end, by the moment that was told; null for no end. */
export const endsIn = (told, now = Date.now()) => (told?.ends ? (Date.parse(told.ends.at) - now) / 1000 : null);

/** Whether the end is so near that everybody is told: in words of 10, 5 and 1 min, unless the site has others. */
export function isNear(told, now = Date.now()) {
  const left = endsIn(told, now);
  if (left === null || told.ends.cause === "frozen") return false;
  return left <= Math.max(0, ...(told.warnings || WARNINGS));
}

/** The warning that holds now, in seconds before the end; null for none. */
export function warningOf(told, now = Date.now()) {
  if (!isNear(told, now)) return null;
  const left = endsIn(told, now);
  return Math.min(...(told.warnings || WARNINGS).filter((each) => each >= left));
}

/** "pauses in 9 min", "stops at 17:40"; empty without an end. */
export function shortly(told, now = Date.now()) {
  const left = endsIn(told, now);
  if (left === null) return "";
  const does = DOES[told.ends.action] || "ends";
  if (left <= 0) return `${does} now`;
  if (left < MINUTE) return `${does} in less than 1 min`;
  return left < HOUR ? `${does} in ${duration(MINUTE * Math.floor(left / MINUTE))}` : `${does} at ${moment(told.ends.at)}`;
}

/** On the card: what comes, and since when nobody uses it. Empty where nothing is known of an end. */
export function idleText(told, now = Date.now()) {
  const until = told?.held_until ? `Kept until ${moment(told.held_until)}, though it may be idle.` : "";
  if (until || !told) return until;
  const since = told.since ? `Idle for ${duration((now - Date.parse(told.since)) / 1000)}` : "";
  if (!told.ends || told.ends.cause === "expired") return since && `${since}.`;
  return `${since ? `${since}: it` : "It"} ${shortly(told, now)}.`;
}

/** Why it is alive, as the service says it, on this reader's clock. */
export const reasonText = (told) => localTimes(told?.reason || "", Date.parse(told?.reason_at || "") || Date.now());

/** What stands beside the buttons of a warning. */
export function warningText(told, now = Date.now()) {
  // It was due, and there was a reason against it.
  if (told.found && endsIn(told, now) <= 0) return localTimes(told.found, now);
  const idle = told.since ? `Nobody has used it for ${duration((now - Date.parse(told.since)) / 1000)}` : "Nobody uses it";
  const why = told.ends.cause === "expired" ? "Its time limit ends" : idle;
  return `${why}: it ${shortly(told, now)} (${moment(told.ends.at)}).`;
}

/** Seconds that are left of the time limit; null without one. */
const limitLeft = (told, now) => (told.expires_at ? (Date.parse(told.expires_at) - now) / 1000 : null);

/** Null: not at all. No word of a limit: the service says so when it is asked. */
const roomIn = (room) => (room === null ? 0 : room?.max_seconds ?? Infinity);

/** By how many seconds the end that comes first can be moved. */
export function roomToExtend(told) {
  if (!told?.ends) return told?.expires_at ? roomIn(told.extend) : 0;
  return roomIn(told.ends.cause === "expired" ? told.extend : told.hold);
}

/** For how many seconds from now it can be kept, whatever happens. */
export function roomToKeep(told, now = Date.now()) {
  if (!told) return 0;
  const left = limitLeft(told, now);
  return Math.min(roomIn(told.hold), left === null ? Infinity : Math.max(0, left) + roomIn(told.extend));
}

export const canExtend = (told) => roomToExtend(told) >= MINUTE;
export const canKeep = (told, now = Date.now()) => roomToKeep(told, now) >= MINUTE;

/** Seconds to choose from; the last one is the cap where that is near. */
export function choices(room) {
  const offered = STEPS.filter((each) => each <= room);
  const most = offered[offered.length - 1] || 0;
  const isWhole = room - most < MINUTE || room > STEPS[STEPS.length - 1];
  return isWhole ? offered : [...offered, Math.floor(room / MINUTE) * MINUTE];
}

/** What to ask for so that the end that comes first is `seconds` later; an idle one counts from now. */
export function toExtend(told, seconds) {
  const isLimit = told?.ends ? told.ends.cause === "expired" : Boolean(told?.expires_at);
  return [{ action: isLimit ? "extend" : "hold", body: { seconds } }];
}

/** Neither its time limit nor idleness ends it before `until`. What may be refused is asked first. */
export function toKeep(told, until) {
  const hold = { action: "hold", body: { until } };
  if (!told?.expires_at || Date.parse(told.expires_at) >= Date.parse(until)) return [hold];
  return [{ action: "extend", body: { until } }, hold];
}

/** The latest moment to keep it until; null where nobody set one. */
export function latest(told, now = Date.now()) {
  const room = roomToKeep(told, now);
  return room < LONGEST ? new Date(now + 1000 * room).toISOString() : null;
}

/** What a field for date and time takes: this reader's clock, to the minute. */
export function local(ms) {
  const at = new Date(ms);
  return new Date(at.getTime() - 60_000 * at.getTimezoneOffset()).toISOString().slice(0, 16);
}
