import t from 'tap';
import { cacheStatus } from '../../src/delivery/cache-status.ts';

const hit = { fwd: null, fwdStatus: null, collapsed: false, stored: true, ttl: 512, detail: null } as const;

t.test('every way to an answer has its words (RFC 9211)', async (t) => {
  t.equal(cacheStatus(hit), 'relay; hit; ttl=512');
  t.equal(cacheStatus({ ...hit, ttl: -80, detail: 'RLY_PULL_FAILED' }), 'relay; hit; ttl=-80; detail=RLY_PULL_FAILED');
  t.equal(cacheStatus({ ...hit, fwd: 'stale', fwdStatus: 304 }), 'relay; fwd=stale; fwd-status=304; ttl=512');
  const miss = { ...hit, fwd: 'uri-miss', fwdStatus: 200 } as const;
  t.equal(cacheStatus(miss), 'relay; fwd=uri-miss; fwd-status=200; ttl=512; stored');
  t.equal(
    cacheStatus({ ...miss, stored: false, collapsed: true }),
    'relay; fwd=uri-miss; fwd-status=200; ttl=512; collapsed',
  );
});
