import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AwayError, refusal, RefusedError } from '../src/api';
import { bytes, duration } from '../src/format';
import type { IPauseKernel, IPausePreview, IPauseTerminal } from '../src/messages';
import { told } from '../src/preview';
import { site } from '../src/site';
import { english } from './translator';

const KERNEL: IPauseKernel = {
  id: '1',
  name: 'python3',
  language: 'python',
  path: 'work/train.ipynb',
  status: 'ready',
  bytes: 1e9,
  variables: 3,
  losses: []
};

function preview(...kernels: IPauseKernel[]): IPausePreview {
  return { bytes: 1e9, seconds: 2, free: 1e10, kernels };
}

test('sizes and durations as people read them', () => {
  assert.deepEqual([0, 999, 1500, 1.4e9].map(bytes), ['0 B', '999 B', '1.5 kB', '1.4 GB']);
  assert.deepEqual([0.2, 42, 150, 7200].map(duration), ['1 s', '42 s', '3 min', '2 h']);
});

test('a pause without losses warns of nothing', () => {
  const facts = told(preview(KERNEL), english);
  assert.deepEqual([facts.losing, facts.busy, facts.warnings], [false, false, []]);
  assert.match(facts.lead, /^1\.0 GB of variables are saved, in about 2 s\./);
  assert.equal(facts.items[0].title, 'train.ipynb');
});

test('every loss is named with its reason, many are counted', () => {
  const losses = Array.from({ length: 15 }, (_, i) => ({ variable: `f${i}`, reason: 'open' }));
  const facts = told(preview({ ...KERNEL, losses }), english);
  assert.ok(facts.losing);
  assert.equal(facts.items[0].losses[0], 'f0: open');
  assert.equal(facts.items[0].losses.at(-1), 'and 3 more');
  assert.match(facts.warnings[0], /^15 things/);
});

test('a kernel of another language is lost as a whole, and that is said', () => {
  const facts = told(preview({ ...KERNEL, status: 'not_carried', reason: 'the language R' }), english);
  assert.ok(facts.losing);
  assert.match(facts.items[0].status, /the language R/);
});

test('what is at work in a terminal is lost, and an editor or a prompt is only named', () => {
  const job = (name: string, status: IPauseTerminal['status'], program: string | null) => ({
    name,
    status,
    job: program
  });
  const open = [job('2', 'waiting', 'vim'), job('3', 'prompt', null)];
  const calm = told({ ...preview(KERNEL), terminals: open }, english);
  assert.deepEqual([calm.losing, calm.warnings], [false, []]);
  assert.deepEqual(
    calm.items.slice(1).map(({ title, status }) => `${title}: ${status}`),
    ['Terminal 2: vim is open there, and would be closed', 'Terminal 3: at its prompt, would be closed']
  );
  const jobs = [job('1', 'running', 'sleep'), job('tmux', 'background', null)];
  const facts = told({ ...preview(), terminals: jobs }, english);
  assert.ok(facts.losing);
  assert.match(facts.warnings[0], /^2 programs in terminals would be ended/);
  assert.deepEqual(
    facts.items.map(({ title, status }) => `${title}: ${status}`),
    [
      'Terminal 1: sleep runs there, and would be ended',
      'tmux: a program runs in the background, and would be ended'
    ]
  );
});

test('too little room is said before the disk says it', () => {
  const facts = told({ ...preview(KERNEL), free: 5e8 }, english);
  assert.match(facts.warnings[0], /500 MB left/);
});

test('an answer without a code is the Hub’s or the proxy’s', () => {
  assert.ok(refusal(424, { message: 'not running' }) instanceof AwayError);
  assert.ok(refusal(503, null) instanceof AwayError);
  assert.equal((refusal(403, { message: 'Forbidden' }) as RefusedError).forbidden, true);
  const refused = refusal(409, {
    error: { code: 'quota', message: 'Full.', details: { hint: 'Delete.' } }
  });
  assert.ok(refused instanceof RefusedError);
  assert.deepEqual([refused.code, refused.message], ['quota', 'Full. Delete.']);
});

test('the runtimes page is beside the Hub, on its host', () => {
  const options: Record<string, string> = { hubPrefix: '/jupyter/hub/', hubHost: 'https://h' };
  assert.equal(site(name => options[name] ?? '').runtimesPage, 'https://h/jupyter/services/runtiles/');
  assert.equal(site(() => '').runtimesPage, '');
});
