/** The two axes on which a connector's state is kept, whatever version the station speaks. */
export const connectorStates = ['Available', 'Occupied', 'Reserved', 'Unavailable', 'Faulted'] as const;
export type ConnectorState = (typeof connectorStates)[number];

export const chargingStates = ['Idle', 'EVConnected', 'Charging', 'SuspendedEV', 'SuspendedEVSE'] as const;
export type ChargingState = (typeof chargingStates)[number];
