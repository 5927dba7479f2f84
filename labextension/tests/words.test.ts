import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AwayError, refusal, RefusedError } from '../src/api';
import { bytes, duration } from '../src/format';
import type { IPauseKernel, IPausePreview } from '../src/messages';
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
  assert.equal(facts.kernels[0].title, 'train.ipynb');
});

test('every loss is named with its reason, many are counted', () => {
  const losses = Array.from({ length: 15 }, (_, i) => ({ variable: `f${i}`, reason: 'open' }));
  const facts = told(preview({ ...KERNEL, losses }), english);
  assert.ok(facts.losing);
  assert.equal(facts.kernels[0].losses[0], 'f0: open');
  assert.equal(facts.kernels[0].losses.at(-1), 'and 3 more');
  assert.match(facts.warnings[0], /^15 things/);
});

test('a kernel of another language is lost as a whole, and that is said', () => {
  const facts = told(preview({ ...KERNEL, status: 'not_carried', reason: 'the language R' }), english);
  assert.ok(facts.losing);
  assert.match(facts.kernels[0].status, /the language R/);
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
