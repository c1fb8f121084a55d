import { describe, expect, it } from '@jest/globals';
import { brokerJvm } from './settings.js';

describe("Kafka's JVM", () => {
  it('is started in seconds, or compiled for a long run', () => {
    const capped = expect.stringMatching(/TieredStopAtLevel/);
    expect(brokerJvm({ longRunning: false }).running).toContainEqual(capped);
    expect(brokerJvm({ longRunning: true }).running).not.toContainEqual(capped);
  });
});
