import { cold } from './scenarios/cold.ts';
import { crowd } from './scenarios/crowd.ts';
import { herd } from './scenarios/herd.ts';
import { hot } from './scenarios/hot.ts';
import { releaseDay } from './scenarios/release-day.ts';
import { update } from './scenarios/update.ts';
import type { Scenario } from './scenario.ts';

/** In the order in which they run. */
export const SCENARIOS: readonly Scenario[] = [hot, cold, herd, releaseDay, crowd, update];
