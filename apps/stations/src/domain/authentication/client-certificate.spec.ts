import { describe, expect, it } from 'vitest';
import { certificateIsOf } from './client-certificate.js';

// Self-signed, subject O=Busbar test, CN=CERT-1, for a hundred years from 2026; its key was thrown away.
const pem = `-----BEGIN CERTIFICATE-----
MIIBpTCCAUugAwIBAgIUBn1TA1FT4T4vDgvdi9MQsYeg88gwCgYIKoZIzj0EAwIw
JzEUMBIGA1UECgwLQnVzYmFyIHRlc3QxDzANBgNVBAMMBkNFUlQtMTAgFw0yNjEx
MjIyMTU1MDBaGA8yMTI2MTAyOTIxNTUwMFowJzEUMBIGA1UECgwLQnVzYmFyIHRl
c3QxDzANBgNVBAMMBkNFUlQtMTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABHyh
hpEX8jeeYiTjqm6r/4IvVjWwl5cJgVWeyQQm8L247ZfjYtsb7tJRUalXlBX0Pkse
Kndi3hdjV0HmH5XK8emjUzBRMB0GA1UdDgQWBBQO1wNskVCmQQJZXW54p4iPvz37
oDAfBgNVHSMEGDAWgBQO1wNskVCmQQJZXW54p4iPvz37oDAPBgNVHRMBAf8EBTAD
AQH/MAoGCCqGSM49BAMCA0gAMEUCIGZgsZrUpGjCRaFSY7F7iZWwSi5Vv4XAMJsG
PWkl5JFyAiEAyTM39C8q85zi7bvGIJNGxhUMT/E9ByZ/J2ohgJOXrxw=
-----END CERTIFICATE-----
`;
const now = new Date('2030-01-01T00:00:00Z');

describe('client certificates', () => {
  // Goal: the common name is the identity or the serial number of the last boot, nothing else (rule A-12).
  it.each([
    ['CERT-1', null, true],
    ['CP-1', 'CERT-1', true],
    ['CERT-10', null, false],
    ['cert-1', null, false],
    ['Busbar test', 'S-1', false],
  ])('A-12: is of %s with serial number %s: %s', (identity, serialNumber, expected) => {
    expect(certificateIsOf(pem, identity, serialNumber, now)).toBe(expected);
  });

  // Goal: outside of its time it proves nothing, and neither does what is no certificate.
  it('A-12: holds in its time only', () => {
    expect(certificateIsOf(pem, 'CERT-1', null, new Date('2020-01-01T00:00:00Z'))).toBe(false);
    expect(certificateIsOf(pem, 'CERT-1', null, new Date('2200-01-01T00:00:00Z'))).toBe(false);
    for (const text of ['', 'no certificate', pem.slice(0, 200)]) {
      expect(certificateIsOf(text, 'CERT-1', null, now)).toBe(false);
    }
  });
});
