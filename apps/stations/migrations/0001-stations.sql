-- Who the station is. Deleted stations keep their row, because transactions go on naming them by id.
create table stations.station (
  id text primary key,
  tenant_id text not null,
  -- Bytewise collation: identities compare case-sensitively, and a prefix search is a range of the index.
  identity text collate "C" not null,
  security_profile smallint not null check (security_profile between 0 and 3),
  registration text not null check (registration in ('accepted', 'pending', 'rejected')),
  -- What the station was told when it last booted; null before its first boot.
  registration_in_force text check (registration_in_force in ('accepted', 'pending', 'rejected')),
  heartbeat_interval_seconds integer not null,
  -- The interval that the last accepted boot was answered with: the station still beats at that one.
  interval_told_seconds integer,
  ever_accepted boolean not null default false,
  strict boolean not null,
  assume_protocol text,
  site text,
  tags text[] not null default '{}',
  local_list_managed boolean not null,
  clear_cache_on_revocation boolean not null,
  watched_until timestamptz,
  -- True when the row was made at a first connect by the policy for unknown stations.
  self_registered boolean not null default false,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz
);

create unique index station_identity on stations.station (identity) where deleted_at is null;
create index station_deleted_identity on stations.station (identity) where deleted_at is not null;
create index station_tenant on stations.station (tenant_id, id desc) where deleted_at is null;
create index station_site on stations.station (tenant_id, site, id desc) where deleted_at is null;
create index station_tags on stations.station using gin (tags) where deleted_at is null;
create index station_self_registered on stations.station (id) where self_registered and deleted_at is null;

-- The keys that a station may connect with: one, or two while a change of key is under way.
create table stations.station_key (
  id text primary key,
  tenant_id text not null,
  station_id text not null references stations.station (id),
  -- hmac: high-entropy bytes; scrypt: text that a person chose.
  kind text not null check (kind in ('hmac', 'scrypt')),
  salt bytea not null,
  digest bytea not null,
  -- Which form of the key the station sends (rule A-05); null until it was first used.
  form text check (form in ('bytes', 'hex')),
  created_at timestamptz not null,
  first_used_at timestamptz,
  -- Set on the old key of a change; it also ends when the new one is first used.
  expires_at timestamptz
);

create index station_key_station on stations.station_key (station_id);

-- What changes with every sign of life: narrow, updated in place, and the row that every writer locks first.
create table stations.presence (
  station_id text primary key references stations.station (id),
  tenant_id text not null,
  -- connected; disconnected: the gateway said so; lost: its gateway is gone.
  state text not null default 'disconnected' check (state in ('connected', 'disconnected', 'lost')),
  gateway text,
  epoch bigint not null default 0,
  -- False while the connection is known from other reports only, and its own report is yet to come.
  announced boolean not null default false,
  protocol text,
  connected_at timestamptz,
  last_seen_at timestamptz,
  ended_at timestamptz,
  end_reason text
) with (fillfactor = 70);

-- Read by a loose scan of the distinct gateways, once a second by each replica.
create index presence_connected on stations.presence (gateway, station_id) where state = 'connected';

-- The last boot of each station.
create table stations.boot (
  station_id text primary key references stations.station (id),
  tenant_id text not null,
  epoch bigint not null,
  seq bigint not null,
  booted_at timestamptz not null,
  registration text not null,
  interval_seconds integer not null,
  vendor text not null,
  model text not null,
  serial_number text,
  firmware_version text,
  iccid text,
  imsi text,
  meter_type text,
  meter_serial_number text,
  charge_box_serial_number text,
  raw text
) with (fillfactor = 80);

-- Every change of what a station says it is: firmware, serial number, model.
create table stations.boot_change (
  id text primary key,
  tenant_id text not null,
  station_id text not null,
  at timestamptz not null,
  changes jsonb not null
);

create index boot_change_station on stations.boot_change (station_id, id desc);

create table stations.connector (
  station_id text not null references stations.station (id),
  tenant_id text not null,
  evse_id integer not null,
  connector_id integer not null,
  epoch bigint not null,
  seq bigint not null,
  -- The station's own word.
  status text not null,
  connector_state text not null,
  charging_state text not null,
  phase text,
  error_code text not null,
  info text,
  vendor_id text,
  vendor_error_code text,
  -- Since when the status holds; the station's clock where it is plausible.
  since timestamptz not null,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  primary key (station_id, evse_id, connector_id)
) with (fillfactor = 80);

-- Every status notification, by the id of its report, so that one delivered twice is kept once.
create table stations.connector_history (
  id text not null,
  tenant_id text not null,
  station_id text not null,
  evse_id integer not null,
  connector_id integer not null,
  status text not null,
  error_code text not null,
  info text,
  vendor_id text,
  vendor_error_code text,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  -- True when the station's time was before that of the state it met (rule N-05).
  late boolean not null,
  primary key (id, received_at)
) partition by range (received_at);

create index connector_history_station on stations.connector_history (station_id, id desc);

select ensure_monthly_partitions('connector_history', date_trunc('month', now())::date, 19);

-- What was tolerated. Counted after the fact, so a report delivered twice may count twice.
create table stations.deviation (
  station_id text not null references stations.station (id),
  tenant_id text not null,
  rule text not null,
  count bigint not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  example text not null,
  primary key (station_id, rule)
) with (fillfactor = 80);

-- What a station reported of a firmware update, a log upload or a wish for a certificate.
create table stations.job_report (
  id text primary key,
  tenant_id text not null,
  station_id text not null,
  kind text not null check (kind in ('firmware', 'signed-firmware', 'diagnostics', 'log', 'certificate')),
  status text not null,
  request_id bigint,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  detail text
);

create index job_report_station on stations.job_report (station_id, id desc);

create table stations.security_event (
  id text primary key,
  tenant_id text not null,
  station_id text not null,
  type text not null,
  critical boolean not null,
  tech_info text,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  -- Of type, time and tech_info: an event that a station sends again is the same event.
  digest bytea not null,
  unique (station_id, digest)
);

create index security_event_tenant on stations.security_event (tenant_id, id desc);

create table stations.vendor_data (
  id text primary key,
  tenant_id text not null,
  station_id text not null,
  vendor_id text not null,
  message_id text,
  data text,
  answer text not null,
  received_at timestamptz not null
);

create index vendor_data_station on stations.vendor_data (station_id, id desc);

-- What a station reported of its configuration. Secrets are never stored.
create table stations.variable (
  station_id text not null references stations.station (id),
  tenant_id text not null,
  -- Keys compare case-insensitively (OCPP 1.6, 9).
  key_folded text not null,
  key text not null,
  value text,
  readonly boolean,
  -- True when the station said that it knows no such key.
  unknown boolean not null,
  reported_at timestamptz not null,
  primary key (station_id, key_folded)
);

-- Attempts to connect that were refused, one row per identity. The identity is shown escaped and cut.
create table stations.refusal (
  identity_hash bytea primary key,
  tenant_id text not null,
  station_id text,
  identity_shown text not null,
  reason text not null,
  listener text not null,
  remote_address text not null,
  count bigint not null,
  first_at timestamptz not null,
  last_at timestamptz not null
);

create index refusal_last on stations.refusal (last_at);

-- Reports that the database refused for what they hold, one by one, byte for byte.
create table stations.quarantine (
  id text primary key,
  tenant_id text not null,
  station_id text not null,
  report bytea not null,
  sql_state text,
  received_at timestamptz not null
);
