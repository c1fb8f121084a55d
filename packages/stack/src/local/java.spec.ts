import { describe, expect, it } from '@jest/globals';
import { javaVersion } from './java.js';

describe('the version of Java', () => {
  it.each([
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['openjdk version "25" 2025-09-16 LTS', 25],
    ['java version "1.8.0_402"', 8],
    ['Picked up JAVA_TOOL_OPTIONS: -Dx=y\nopenjdk version "21.0.2"', 21],
    ['The operation couldn’t be completed. Unable to locate a Java Runtime.', undefined],
  ])('is read from what java prints: %s', (output, version) => {
    expect(javaVersion(output)).toBe(version);
  });
});
