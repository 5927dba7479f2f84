import assert from 'node:assert/strict';
import { test } from 'node:test';

import { progressOf, RuntimeModel } from '../src/model';

const GPU = { runtime: 'gpu', tile: 'pytorch', launch_id: '1' };

function running(): RuntimeModel {
  const model = new RuntimeModel();
  model.here(GPU);
  return model;
}

test('a server that was not started by Runtiles is no runtime', () => {
  const model = new RuntimeModel();
  model.here({ runtime: '', tile: '', launch_id: '' });
  assert.equal(model.isRuntime, false);
});

test('a server that goes after its variables were saved is paused', () => {
  const model = running();
  model.pausing();
  model.pauseSeen({ state: 'saving', done: 1, total: 4 });
  assert.equal(progressOf(model.pause), 0.25);
  model.pauseSeen({ state: 'saved' });
  model.lost();
  assert.equal(model.phase, 'paused');
});

test('one that goes before that is away, and nothing is promised', () => {
  const model = running();
  model.pausing();
  model.pauseSeen({ state: 'saving' });
  model.lost();
  assert.equal(model.phase, 'away');
  assert.ok(model.pause);
});

test('one that was to pause by itself is looked for shortly before, and known to have been due', () => {
  const model = running();
  let told = 0;
  model.changed.connect(() => (told += 1));
  model.expects(Date.now() + 60_000);
  assert.ok(!model.isDue);
  model.expects(Date.now() + 10_000);
  model.expects(Date.now() + 5_000);
  assert.ok(model.isDue);
  assert.equal(told, 1);
  model.lost();
  model.expects(null);
  assert.ok(model.isDue, 'what was heard last still holds');
  model.here(GPU);
  assert.ok(!model.isDue);
});

test('coming back is told once, after the state is right', () => {
  const model = running();
  let told = 0;
  model.returned.connect(() => {
    told += 1;
    assert.equal(model.phase, 'running');
  });
  model.lost();
  model.lost();
  model.here(GPU);
  model.here(GPU);
  assert.equal(told, 1);
  assert.equal(model.pause, null);
});

test('a pause that fails leaves the runtime running and says why', () => {
  const model = running();
  const why: string[] = [];
  model.pauseFailed.connect((_, text) => why.push(text));
  model.pausing();
  const error = { code: 'disk', message: 'The disk is full.', details: { hint: 'Delete files.' } };
  model.pauseSeen({ state: 'failed', error });
  assert.equal(model.phase, 'running');
  assert.deepEqual(why, ['The disk is full. Delete files.']);
});

test('a pause that was just asked for is not over because the runtime has not heard of it', () => {
  const model = running();
  model.pausing();
  model.pauseSeen({ state: 'none' });
  assert.equal(model.phase, 'pausing');
  model.pauseSeen({ state: 'saving' });
  model.pauseSeen({ state: 'none' });
  assert.equal(model.phase, 'running');
});

test('a failed pause of earlier is nobody’s news', () => {
  const model = running();
  model.pauseFailed.connect(() => assert.fail('told'));
  model.pauseSeen({ state: 'failed' });
  model.pauseSeen({ state: 'released' });
  assert.equal(model.phase, 'running');
});

test('a pause that somebody else began is shown', () => {
  const model = running();
  model.pauseSeen({ state: 'verifying' });
  assert.equal(model.phase, 'pausing');
});

test('a pause that is over before anybody asks is told by the runtime itself', () => {
  const model = running();
  model.pauseTold('waiting');
  assert.equal(model.phase, 'pausing');
  model.pauseSeen({ state: 'none' });
  assert.equal(model.phase, 'pausing', 'the answer to an earlier question');
  model.pauseTold('saved');
  model.lost();
  assert.equal(model.phase, 'paused');
});

test('the word that all is saved counts also after the page has missed its server', () => {
  const model = running();
  model.lost();
  model.pauseTold('saving');
  assert.equal(model.phase, 'away');
  model.pauseTold('saved');
  assert.equal(model.phase, 'paused');
  model.here(GPU);
  assert.equal(model.pause, null);
});

test('a failure of an earlier pause says nothing of one that was just asked for', () => {
  const model = running();
  const why: string[] = [];
  model.pauseFailed.connect((_, text) => why.push(text));
  const earlier = { state: 'failed' as const, snapshot: 'a', error: { code: 'disk', message: 'Full.' } };
  model.pauseSeen(earlier);
  model.pausing();
  model.pauseSeen(earlier);
  assert.equal(model.phase, 'pausing');
  model.pauseSeen({ ...earlier, snapshot: 'b' });
  assert.equal(model.phase, 'running');
  assert.deepEqual(why, ['Full.']);
});

test('a pause may be told of, and over, before the one who asked for it gets an answer', () => {
  const model = running();
  model.pauseTold('waiting');
  model.pauseTold('saved');
  model.pausing();
  assert.equal(model.pause?.state, 'saved');
  model.lost();
  model.pausing();
  assert.equal(model.phase, 'paused');
});
