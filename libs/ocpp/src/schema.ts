/** The part of JSON Schema that OCPP's own files use, as data: validators, tolerance and docs all read it. */
export interface Schema {
  type: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean;
  items?: Schema;
  minItems?: number;
  enum?: string[];
  maxLength?: number;
  format?: 'date-time' | 'uri';
  multipleOf?: number;
  minimum?: number;
  maximum?: number;
}
