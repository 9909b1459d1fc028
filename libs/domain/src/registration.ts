/** What a station is told when it boots (OCPP 1.6, 4.2). */
export const registrations = ['accepted', 'pending', 'rejected'] as const;
export type Registration = (typeof registrations)[number];

/** OCPP security profiles: 0 nothing, 1 Basic, 2 Basic over TLS, 3 client certificate. */
export const securityProfiles = [0, 1, 2, 3] as const;
export type SecurityProfile = (typeof securityProfiles)[number];
