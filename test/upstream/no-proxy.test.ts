import t from 'tap';
import { bypassesProxy } from '../../src/upstream/no-proxy.ts';

t.test('NO_PROXY: hosts with their subdomains, ports, addresses, ranges, everything', async (t) => {
  const yes: [string, string][] = [
    ['http://osce.example.com/x', 'example.com'],
    ['http://osce.example.com/x', '.example.com'],
    ['http://osce.example.com/x', '*.example.com'],
    ['http://osce.example.com/x', 'other.test, OSCE.Example.com'],
    ['https://osce.example.com/x', 'osce.example.com:443'],
    ['http://osce.example.com:8080/x', 'other.test osce.example.com:8080'],
    ['http://10.1.2.3/x', '10.1.2.3'],
    ['http://10.1.2.3/x', 'localhost,10.0.0.0/8'],
    ['http://[2001:db8::1]/x', '2001:db8::/32'],
    ['http://anything.test/x', '*'],
  ];
  for (const [url, list] of yes) t.ok(bypassesProxy(url, list), `${list}: ${url}`);
  const no: [string, string][] = [
    ['http://osce.example.com/x', ''],
    ['http://osce.example.com/x', ' , '],
    ['http://notexample.com/x', 'example.com'],
    ['http://example.com.test/x', 'example.com'],
    ['http://osce.example.com:8080/x', 'osce.example.com:80'],
    ['http://10.1.2.3/x', '192.168.0.0/16'],
  ];
  for (const [url, list] of no) t.notOk(bypassesProxy(url, list), `${list}: ${url}`);
});
