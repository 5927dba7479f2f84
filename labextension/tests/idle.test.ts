import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  canExtend,
  canKeep,
  choices,
  isNear,
  pausesIn,
  reservationLeft,
  roomToKeep,
  toExtend,
  toKeep,
  warningOf
} from '../src/idle/ends';
import { Heartbeat, IDone } from '../src/idle/heartbeat';
import { IdleModel } from '../src/idle/model';
import { details, moment, shortly, span, warningText } from '../src/idle/words';
import type { EndCause, IIdle } from '../src/messages';
import { english } from './translator';

const HOUR = 3600;
const NOON = Date.parse('2026-01-31T12:00:00Z');

/** Ends so many seconds after noon; it is noon at the service. */
function told(seconds: number, cause: EndCause = 'idle', more: Partial<IIdle> = {}): IIdle {
  return {
    ends: { at: at(seconds), seconds, cause, action: 'pause' },
    reason: 'Idle: a kernel was last busy 50m ago.',
    warnings: [600, 300, 60],
    ...more
  };
}

function reserved(seconds: number, more: Partial<IIdle> = {}): IIdle {
  return told(seconds, 'expired', { expires_at: at(seconds), ...more });
}

function at(seconds: number): string {
  return new Date(NOON + 1000 * seconds).toISOString();
}

test('the nearest warning that was reached holds', () => {
  const due = [601, 600, 301, 300, 61, 60, 0].map(seconds => warningOf(told(seconds)));
  assert.deepEqual(due, [null, 600, 600, 300, 300, 60, 60]);
});

test('nobody is warned without an end, of a frozen runtime, or where the site warns nobody', () => {
  assert.equal(warningOf(null), null);
  assert.equal(warningOf({ ends: null, reason: '' }), null);
  assert.equal(warningOf(told(10, 'frozen')), null);
  assert.equal(warningOf(told(10, 'idle', { warnings: [] })), null);
});

test('a service that names no warnings is followed in the one that it gave', () => {
  assert.equal(warningOf(told(250, 'idle', { warnings: undefined, warning: 300 })), 300);
  assert.equal(warningOf(told(250, 'idle', { warnings: undefined, warning: null })), null);
});

test('the status bar counts down near the end, and else says what is left of a reservation', () => {
  assert.equal(shortly(told(2 * HOUR), english), '');
  assert.equal(shortly(told(570), english), 'pauses in 9 min');
  assert.equal(shortly(told(30), english), 'pauses in less than 1 min');
  assert.equal(shortly(reserved(7900), english), '2 h 11 min left');
  assert.equal(shortly(null, english), '');
  assert.ok(isNear(told(1200, 'idle', { warnings: [1800] })));
});

test('what is left of a reservation needs no clock of the browser', () => {
  assert.equal(reservationLeft(told(300, 'idle', { expires_at: at(900) })), 900);
  assert.equal(reservationLeft(told(300)), null);
});

test('times as people read them', () => {
  const read = [0, 59, 60, 3599, 3600, 5400, 200_000].map(seconds => span(seconds, english));
  const wanted = ['less than 1 min', 'less than 1 min', '1 min', '59 min', '1 h', '1 h 30 min'];
  assert.deepEqual(read, [...wanted, '2 days']);
  const now = new Date(2026, 0, 31, 17, 30);
  assert.equal(moment(600, now, 'en-GB'), '17:40');
  assert.match(moment(8 * HOUR, now, 'en-GB'), /Sun.*1 Feb.*01:30/);
});

test('a warning says what happens, when, and why', () => {
  const now = new Date(2026, 0, 31, 17, 30);
  const say = (idle: IIdle) => warningText('gpu', idle, english, now, 'en-GB');
  assert.equal(say(told(600)), 'gpu pauses at 17:40. Nobody uses it.');
  assert.equal(say(reserved(300)), 'gpu pauses at 17:35. Its reservation ends.');
  const stop = reserved(300);
  stop.ends!.action = 'stop';
  assert.match(say(stop), /^gpu stops at/);
});

test('the title says why it is alive and when its reservation ends', () => {
  const [why, ends] = details(reserved(300), english);
  assert.match(why, /^Idle:/);
  assert.match(ends, /^Its reservation ends at/);
  assert.deepEqual(details(null, english), []);
});

test('the sentence names the hour of this clock', () => {
  const now = new Date(NOON);
  const said = (reason: string) =>
    details(told(600, 'idle', { reason, reason_at: at(600) }), english, now)[0];
  const hour = moment(600, now);
  assert.equal(said('It will pause at 12:10 UTC.'), `It will pause at ${hour}.`);
  assert.equal(said('It will pause at 31 Jan 12:10 UTC.'), `It will pause at ${hour}.`);
  assert.equal(said('Idle.'), 'Idle.');
  const old = told(600, 'idle', { reason: 'at 12:10 UTC' });
  assert.equal(details(old, english, now)[0], 'at 12:10 UTC');
});

test('one that was left running is not said to pause', () => {
  const found = 'gpu is idle and was left running: One thing would be lost.';
  const left = told(0, 'idle', { found });
  assert.equal(shortly(left, english), 'idle, left running');
  assert.equal(warningText('gpu', left, english), found);
  assert.ok(details(left, english).includes(found));
  assert.equal(shortly(told(300, 'idle', { found }), english), 'pauses in 5 min');
});

test('a pause that comes by itself is expected, and no other end', () => {
  assert.equal(pausesIn(told(12)), 12);
  assert.equal(pausesIn(told(0, 'idle', { found: 'It was left running.' })), null);
  const stop = told(12);
  stop.ends!.action = 'stop';
  assert.equal(pausesIn(stop), null);
  assert.equal(pausesIn(null), null);
});

test('extending moves the end that comes first', () => {
  const room = { extend: { max_seconds: 2 * HOUR }, hold: { max_seconds: null } };
  assert.deepEqual(toExtend(reserved(300, room), HOUR), [
    { action: 'extend', wish: { seconds: HOUR } }
  ]);
  assert.deepEqual(toExtend(told(300, 'idle', room), HOUR), [
    { action: 'hold', wish: { seconds: HOUR } }
  ]);
  assert.ok(canExtend(reserved(300, room)));
  assert.ok(!canExtend(reserved(300, { hold: room.hold, extend: null })));
  assert.ok(!canExtend({ ends: null, reason: '', hold: room.hold }));
  assert.ok(canExtend(reserved(300)), 'where no limit is named, the service decides');
});

test('keeping until then outlasts the reservation too, within both caps', () => {
  const room = { extend: { max_seconds: HOUR }, hold: { max_seconds: 8 * HOUR } };
  const idle = reserved(1800, room);
  assert.equal(roomToKeep(idle), 1800 + HOUR);
  assert.deepEqual(toKeep(idle, 3000), [
    { action: 'extend', wish: { seconds: 1200 } },
    { action: 'hold', wish: { seconds: 3000 } }
  ]);
  assert.deepEqual(toKeep(idle, 1000), [{ action: 'hold', wish: { seconds: 1000 } }]);
  assert.ok(canKeep({ ends: null, reason: '', hold: { max_seconds: null } }));
  assert.ok(!canKeep({ ends: null, reason: '', hold: null }));
  assert.ok(!canKeep(null));
});

test('the choices end at the cap', () => {
  assert.deepEqual(choices(1800), [900, 1800]);
  assert.deepEqual(choices(2500), [900, 1800, 2460]);
  assert.deepEqual(choices(300), [300]);
  assert.equal(choices(Infinity).pop(), 24 * HOUR);
});

test('an answer to one end is none to another at the same moment', () => {
  const model = new IdleModel();
  model.heard(told(250));
  model.answered();
  assert.equal(model.warning, null);
  model.heard(reserved(250));
  assert.equal(model.warning, 300);
});

test('an answer holds for its end until the next warning, also against an older reading', () => {
  const model = new IdleModel();
  model.heard(told(290));
  assert.equal(model.warning, 300);
  model.answered();
  assert.equal(model.warning, null);
  model.heard(told(HOUR));
  model.heard(told(280, 'idle', { ends: { ...told(285).ends!, seconds: 280 } }));
  assert.equal(model.warning, null);
  model.heard({ ...told(290), ends: { ...told(290).ends!, seconds: 50 } });
  assert.equal(model.warning, 60);
});

test('the end that the service answers with is known at once, and told to other tabs', () => {
  const model = new IdleModel();
  let settled = 0;
  model.settled.connect(() => (settled += 1));
  model.heard(reserved(290));
  const later = reserved(290 + HOUR);
  model.settle({ expires_at: later.expires_at, idle: { ends: later.ends } });
  assert.deepEqual([model.warning, settled], [null, 1]);
  assert.equal(shortly(model.told, english), '1 h 4 min left');
  assert.deepEqual(model.told?.warnings, [600, 300, 60]);
});

test('a new end is warned of anew', () => {
  const model = new IdleModel();
  model.heard(told(290));
  model.answered();
  model.heard(told(500));
  assert.equal(model.warning, 600);
});

test('without a word of the service nothing is announced', () => {
  const model = new IdleModel();
  model.heard(told(50));
  model.heard(null);
  assert.equal(model.warning, null);
});

test('a heartbeat is a person’s doing in a page that they look at, once a minute', () => {
  let now = 0;
  let beats = 0;
  const page = { hidden: false, focused: true, hasFocus: () => page.focused };
  const heartbeat = new Heartbeat(() => (beats += 1), page, () => now);
  const after = (ms: number, event: IDone = { isTrusted: true }) => {
    now += ms;
    heartbeat.done(event);
    return beats;
  };
  assert.equal(after(0), 1);
  assert.equal(after(59_999), 1);
  assert.equal(after(1), 2);
  assert.equal(after(60_000, { isTrusted: false }), 2, 'a script');
  assert.equal(after(60_000, { isTrusted: true, repeat: true }), 2, 'a key held down');
  page.hidden = true;
  assert.equal(after(60_000), 2, 'hidden');
  Object.assign(page, { hidden: false, focused: false });
  assert.equal(after(60_000), 2, 'another window');
  page.focused = true;
  assert.equal(after(0), 3);
});
