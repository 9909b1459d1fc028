import type { CallHandler } from './handler.js';

/** A changed AuthorizationKey is used at once: the station connects anew with it (security paper, A01). */
export const changeConfiguration: CallHandler = (station, payload) => {
  const key = String(payload['key']);
  const value = String(payload['value']);
  const status = station.configuration.change(key, value);
  return {
    payload: { status },
    afterwards: () => {
      if (status === 'Accepted' && key === 'AuthorizationKey') {
        station.reconnect(value);
      }
    },
  };
};

export const getConfiguration: CallHandler = (station, payload) => {
  const names = payload['key'];
  const report = station.configuration.report(Array.isArray(names) ? names.map(String) : []);
  return { payload: { ...report } };
};
