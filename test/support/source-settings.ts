import type { SourceSettings } from '../../src/policy/decision.ts';

/** The section `sources` of the configuration with its defaults and a made-up server, and what a test changes of it. */
export function sourceSettings(change: Partial<SourceSettings> = {}): SourceSettings {
  return {
    officeScanServer: 'https://osce.example.com:4343/officescan',
    activeUpdate: 'https://osce14-p.activeupdate.trendmicro.com/activeupdate',
    customized: [],
    updateAgentsOnlyFromServer: false,
    fromServerWhenCustomizedFail: { components: true, domainSettings: true, programs: true },
    agentsDownloadFromActiveUpdate: false,
    activeUpdatePatternsOnly: false,
    ...change,
  };
}
