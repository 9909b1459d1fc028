import { isRecord } from '../../json.js';
import type { LoweredCall, Lowering } from '../../lowering.js';
import { exactly } from './params.js';

/** The standard keys that hold a boolean. Some stations take its words in lower case only. */ // C-03
const booleanKeys = new Set(
  [
    'AdditionalRootCertificateCheck',
    'AllowOfflineTxForUnknownId',
    'AuthorizationCacheEnabled',
    'AuthorizeRemoteTxRequests',
    'ConnectorSwitch3to1PhaseSupported',
    'LocalAuthListEnabled',
    'LocalAuthorizeOffline',
    'LocalPreAuthorize',
    'ReserveConnectorZeroSupported',
    'StopTransactionOnEVSideDisconnect',
    'StopTransactionOnInvalidId',
    'UnlockConnectorOnEVSideDisconnect',
  ].map((key) => key.toLowerCase()),
);

/** OCPP 1.6, 5.3: one CALL each. Unknown keys and wrong values are for the station to refuse. */ // C-03
export const lowerSetVariables: Lowering = {
  params: exactly(
    {
      variables: {
        type: 'array',
        minItems: 1,
        maxItems: 100,
        items: exactly(
          {
            key: { type: 'string', minLength: 1, maxLength: 50 },
            value: { type: ['string', 'boolean', 'number'], maxLength: 500 },
          },
          ['key', 'value'],
        ),
      },
    },
    ['variables'],
  ),
  lower: (params) => {
    const variables = Array.isArray(params['variables']) ? params['variables'] : [];
    return { calls: variables.filter(isRecord).map(lowerVariable) };
  },
};

function lowerVariable(variable: Record<string, unknown>): LoweredCall {
  const key = String(variable['key']);
  const text = String(variable['value']);
  const word = booleanKeys.has(key.toLowerCase()) && /^(true|false)$/i.test(text);
  return { action: 'ChangeConfiguration', payload: { key, value: word ? text.toLowerCase() : text } };
}
