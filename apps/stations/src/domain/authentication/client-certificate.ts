import { X509Certificate } from 'node:crypto';

/**
 * Whether a client certificate, whose chain the gateway has verified, is this station's: within its time, and its
 * common name is the station's identity or the serial number of its last boot (rule A-12).
 */
export function certificateIsOf(pem: string, identity: string, serialNumber: string | null, now: Date): boolean {
  const certificate = parse(pem);
  if (!certificate) return false;
  if (now < new Date(certificate.validFrom) || now > new Date(certificate.validTo)) return false;
  const commonName = /^CN=(.+)$/m.exec(certificate.subject)?.[1];
  return commonName !== undefined && (commonName === identity || commonName === serialNumber);
}

function parse(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    // What is no certificate proves nothing; the caller refuses it like a wrong one.
    return null;
  }
}
