/**
 * A key and a self-signed certificate for 127.0.0.1, made for these tests and good for nothing else. Made once with
 * `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -addext subjectAltName=IP:127.0.0.1`.
 */
export const selfSigned = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg3YjFul1rLHyOBEZs
ZAUbv/zeDPFkQC55niV2xvNV3xqhRANCAASvORFrPfBG4tnyQyDBBluV2iI41ueO
WkbWdRuDeFlSYPKDE8UYVLQKtmAUhoUMeom7py8VtnCqhp36OrcestGT
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBpjCCAUygAwIBAgIUKUXSywggN+FufZ4ECrdwpER0qykwCgYIKoZIzj0EAwIw
HzEdMBsGA1UEAwwUc2NyaXB0ZWQtb3JpZ2luLnRlc3QwIBcNMjYxMTIyMjA0MTA2
WhgPMjEyNjEwMjkyMDQxMDZaMB8xHTAbBgNVBAMMFHNjcmlwdGVkLW9yaWdpbi50
ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAErzkRaz3wRuLZ8kMgwQZbldoi
ONbnjlpG1nUbg3hZUmDygxPFGFS0CrZgFIaFDHqJu6cvFbZwqoad+jq3HrLRk6Nk
MGIwHQYDVR0OBBYEFLMXZwmPahHRYfn/d7OYIR4x4vGuMB8GA1UdIwQYMBaAFLMX
ZwmPahHRYfn/d7OYIR4x4vGuMA8GA1UdEwEB/wQFMAMBAf8wDwYDVR0RBAgwBocE
fwAAATAKBggqhkjOPQQDAgNIADBFAiEAxWzT4JSNZjC+OtUDMOMS3smcucQPNL7S
xm7cQ2phEo4CICzmJEwzU95RNdYoHEEAJy1f6uwRir539jnJZq9yXhQQ
-----END CERTIFICATE-----`,
};
