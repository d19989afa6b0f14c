import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { IdleWatch } from '../../src/upstream/idle-watch.ts';

describe('IdleWatch', () => {
  it('speaks up once, when nothing moved for as long as it was told', () => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    try {
      const heard: number[] = [];
      const watch = new IdleWatch({ idleMs: 100, now: () => Date.now(), onIdle: () => heard.push(Date.now()) });
      for (let at = 0; at < 250; at += 50) {
        mock.timers.tick(50);
        watch.touch();
      }
      for (let at = 0; at < 1000; at += 50) mock.timers.tick(50);
      assert.deepEqual(heard, [350]);
    } finally {
      mock.timers.reset();
    }
  });

  it('is silent after it was stopped, and does not take months for no time', () => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    try {
      const heard: string[] = [];
      const stopped = new IdleWatch({ idleMs: 100, now: () => Date.now(), onIdle: () => heard.push('stopped') });
      const patient = new IdleWatch({ idleMs: 2 ** 40, now: () => Date.now(), onIdle: () => heard.push('patient') });
      mock.timers.tick(50);
      stopped.stop();
      mock.timers.tick(2 ** 31);
      assert.deepEqual(heard, []);
      patient.stop();
    } finally {
      mock.timers.reset();
    }
  });
});
