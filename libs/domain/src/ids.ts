declare const brand: unique symbol;

/** A text that is only ever one kind of id; the kinds do not mix. */
export type Id<Kind extends string> = string & { readonly [brand]: Kind };

export type TenantId = Id<'tenant'>;
/** Our own key of a charging station; never its OCPP identity, which is text from outside. */
export type StationId = Id<'station'>;
/** Random per gateway process, so that an old directory entry never becomes valid again. */
export type GatewayId = Id<'gateway'>;
export type TransactionId = Id<'transaction'>;
export type CommandId = Id<'command'>;
export type ReportId = Id<'report'>;
export type FactId = Id<'fact'>;

/** The tenant of an installation that has only one. */
export const defaultTenant = 'default' as TenantId;
