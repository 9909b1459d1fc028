import { describe, expect, it } from 'vitest';
import { firstViolation } from '../validators.js';
import { schema16, words16 } from './schemas.js';

const violation = (name: string, payload: unknown) => firstViolation(schema16(name), payload)?.pointer;

describe('the 1.6 schemas', () => {
  it('are the standard files where the package differs from them', () => {
    // Goal: our reading of the five known differences, one by one.
    const text = (length: number) => 'x'.repeat(length);
    expect(violation('ChangeConfigurationRequest', { key: 'k', value: text(500) })).toBeUndefined();
    expect(violation('ChangeConfigurationRequest', { key: 'k', value: text(501) })).toBe('/value');
    const configuration = (length: number) => ({
      configurationKey: [{ key: 'k', readonly: true, value: text(length) }],
    });
    expect(violation('GetConfigurationResponse', configuration(500))).toBeUndefined();
    expect(violation('GetConfigurationResponse', configuration(501))).toBe('/configurationKey/0/value');
    const status = (length: number) => ({
      connectorId: 1,
      errorCode: 'NoError',
      status: 'Available',
      info: text(length),
    });
    expect(violation('StatusNotificationRequest', status(50))).toBeUndefined();
    expect(violation('StatusNotificationRequest', status(51))).toBe('/info');
    expect(violation('MeterValuesRequest', { connectorId: 1, meterValue: [] })).toBe('/meterValue');
    const empty = [{ timestamp: '2026-11-22T09:00:00Z', sampledValue: [] }];
    expect(violation('MeterValuesRequest', { connectorId: 1, meterValue: empty })).toBe('/meterValue/0/sampledValue');
    const stop = { transactionId: 1, meterStop: 1, timestamp: '2026-11-22T09:00:00Z' };
    expect(violation('StopTransactionRequest', { ...stop, transactionData: empty })).toBeUndefined();
    expect(violation('StopTransactionRequest', { ...stop, transactionData: [] })).toBeUndefined();
  });

  it.each(['Celsius', 'Celcius', 'Hertz', 'kvarh'])('take the unit %s in both messages', (unit) => {
    // Goal: V-07: by errata, wherever a sample can stand.
    const samples = [{ timestamp: '2026-11-22T09:00:00Z', sampledValue: [{ value: '1', unit }] }];
    expect(violation('MeterValuesRequest', { connectorId: 1, meterValue: samples })).toBeUndefined();
    const stop = { transactionId: 1, meterStop: 1, timestamp: '2026-11-22T09:00:00Z', transactionData: samples };
    expect(violation('StopTransactionRequest', stop)).toBeUndefined();
  });

  it.each([8.1, 0.3, 10.7, 21.4, 16])('take a limit of %d A', (limit) => {
    // Goal: P-14: binary floats are no multiples of 0.1, and yet one decimal is one decimal.
    const schedule = { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit }] };
    const profile = {
      chargingProfileId: 1,
      stackLevel: 0,
      chargingProfilePurpose: 'TxDefaultProfile',
      chargingProfileKind: 'Absolute',
      chargingSchedule: schedule,
    };
    expect(violation('SetChargingProfileRequest', { connectorId: 1, csChargingProfiles: profile })).toBeUndefined();
    const finer = {
      ...profile,
      chargingSchedule: { ...schedule, chargingSchedulePeriod: [{ startPeriod: 0, limit: 8.15 }] },
    };
    expect(violation('SetChargingProfileRequest', { connectorId: 1, csChargingProfiles: finer })).toMatch(/\/limit$/);
  });

  it('take locations with credentials and none with blanks', () => {
    // Goal: the format `uri` is that of the standard.
    expect(violation('GetDiagnosticsRequest', { location: 'ftp://user:pass@host/dir' })).toBeUndefined();
    expect(violation('GetDiagnosticsRequest', { location: 'ftp://host/a dir' })).toBe('/location');
  });

  it('bound integers to what is exact', () => {
    // Goal: X-04: a number that JavaScript would round is not taken as an integer.
    expect(violation('RemoteStopTransactionRequest', { transactionId: Number.MAX_SAFE_INTEGER })).toBeUndefined();
    expect(violation('RemoteStopTransactionRequest', { transactionId: 2 ** 53 })).toBe('/transactionId');
  });

  it('are closed, references resolved', () => {
    // Goal: the security paper's files use references; nothing of them is lost.
    const hash = { hashAlgorithm: 'SHA256', issuerNameHash: 'a', issuerKeyHash: 'b', serialNumber: '1' };
    expect(violation('DeleteCertificateRequest', { certificateHashData: hash })).toBeUndefined();
    expect(violation('DeleteCertificateRequest', { certificateHashData: { ...hash, x: 1 } })).toBe(
      '/certificateHashData/x',
    );
    expect(violation('DeleteCertificateRequest', { certificateHashData: { ...hash, hashAlgorithm: 'MD5' } })).toBe(
      '/certificateHashData/hashAlgorithm',
    );
    expect(() => schema16('NothingRequest')).toThrow('OCPP 1.6 has no schema NothingRequest');
  });

  it('give their words', () => {
    // Goal: enumerations are read from the schema and written nowhere else.
    expect([...words16('ResetRequest', 'type')].sort()).toEqual(['Hard', 'Soft']);
    expect(words16('MeterValuesRequest', 'meterValue', '[]', 'sampledValue', '[]', 'measurand').size).toBe(22);
    expect(words16('ResetRequest', 'nothing').size).toBe(0);
  });
});
