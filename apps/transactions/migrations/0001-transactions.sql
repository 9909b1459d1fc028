-- The billing record. Rows are inserted if absent under keys made of the station's own texts, so a message that
-- comes twice, or to two replicas at once, changes nothing the second time.

-- The transaction ids of the wire: positive, within 31 bits (rule S-03). The sequence may come round; ids are
-- unique per station, which the index below keeps true.
create sequence transactions.ocpp_transaction_id as integer minvalue 1 maxvalue 2147483647 cycle;

create table transactions.transaction (
  -- Ids sort by time of creation, so that newest first is by id, descending.
  id text collate "C" primary key,
  tenant_id text not null,
  station_id text collate "C" not null,
  evse_id integer not null,
  connector_id integer not null,
  ocpp_transaction_id integer not null check (ocpp_transaction_id > 0),
  -- SHA-256 of connector, timestamp, meterStart and folded token as the station wrote them (rule S-05). A digest,
  -- because the texts may be longer than an index takes.
  start_key bytea not null,
  -- Empty, or this row's id when a station without a clock sent the key of an earlier, ended session (rule S-07).
  discriminator text collate "C" not null default '',
  -- Under which the start came: the first one, and on a station without a clock those of its repeats (rule S-07).
  start_message_ids text[] not null,
  start_timestamp_text text not null,
  start_meter_text text not null,
  start_received_at timestamptz(3) not null,
  start_raw text,
  id_token text not null,
  id_token_folded text collate "C" not null,
  started_at timestamptz(3) not null,
  meter_start_wh numeric not null,
  reservation_id integer,
  remote_start_command_id text,
  offline boolean not null,
  -- The decision of the first time; a repeat is answered with it.
  authorization_status text not null,
  authorization_reason text not null,
  id_token_info jsonb not null,
  concurrency_key text collate "C" not null,
  -- Whether it counts against the token's limit of open transactions (rule S-12).
  occupies_token boolean not null,
  state text not null check (state in ('active', 'ended')),
  -- What ended it: the station's own stop, a stop without a usable id that was matched, or a person.
  stop_origin text check (stop_origin in ('station', 'orphan', 'person')),
  stop_orphan_id text,
  stop_message_id text,
  stop_timestamp_text text,
  stop_meter_text text,
  stop_received_at timestamptz(3),
  stop_raw text,
  stopped_at timestamptz(3),
  meter_stop_wh numeric,
  -- Null when nobody knows; never negative.
  energy_wh numeric check (energy_wh >= 0),
  stop_reason text,
  stop_id_token text,
  stop_id_token_info jsonb,
  closed_by text,
  flags text[] not null default '{}',
  check ((state = 'ended') = (stop_origin is not null)),
  check (state = 'active' or not occupies_token)
) with (fillfactor = 80);

create unique index transaction_natural_key on transactions.transaction (station_id, start_key, discriminator);
create unique index transaction_ocpp_id on transactions.transaction (station_id, ocpp_transaction_id);
create index transaction_open on transactions.transaction (station_id, id) where state = 'active';
create index transaction_occupying on transactions.transaction (tenant_id, concurrency_key) where occupies_token;
create index transaction_page on transactions.transaction (tenant_id, id desc);
create index transaction_station_page on transactions.transaction (tenant_id, station_id, id desc);
create index transaction_token_page on transactions.transaction (tenant_id, id_token_folded, id desc);
create index transaction_flagged on transactions.transaction using gin (flags) where flags <> '{}';

-- Stops that name no transaction of their station (rules X-02 to X-05), kept with their readings until a rule or a
-- person says which one they end.
create table transactions.orphan_stop (
  id text collate "C" primary key,
  tenant_id text not null,
  station_id text collate "C" not null,
  -- SHA-256 of everything that the station said in it.
  stop_key bytea not null,
  ocpp_transaction_id text not null,
  message_id text not null,
  timestamp_text text not null,
  meter_text text not null,
  received_at timestamptz(3) not null,
  raw text,
  stopped_at timestamptz(3) not null,
  implausible_clock boolean not null,
  meter_stop_wh numeric,
  stop_reason text not null,
  id_token text,
  id_token_folded text collate "C",
  id_token_info jsonb,
  -- Which connector it was is not known, so these cannot be stored as readings before the match.
  readings jsonb not null,
  transaction_id text,
  matched_by text check (matched_by in ('rule', 'person')),
  unique (station_id, stop_key),
  check ((transaction_id is null) = (matched_by is null))
);

create index orphan_stop_unmatched on transactions.orphan_stop (station_id, id_token_folded) where transaction_id is null;

-- What contradicts a transaction that is recorded already (rule X-06): kept, never applied.
create table transactions.suspect_event (
  id text primary key,
  tenant_id text not null,
  station_id text not null,
  transaction_id text not null references transactions.transaction (id),
  kind text not null check (kind in ('conflicting-stop')),
  event_key bytea not null,
  said jsonb not null,
  raw text,
  received_at timestamptz(3) not null,
  unique (transaction_id, event_key)
);

-- Who closed a transaction by hand, when, and why (rule X-14). Stays when a real stop replaces the close.
create table transactions.closure (
  id text primary key,
  tenant_id text not null,
  transaction_id text not null references transactions.transaction (id),
  closed_by text not null,
  reason text not null,
  meter_stop_wh numeric,
  closed_at timestamptz(3) not null,
  caller text not null,
  request_id text not null,
  replaced_at timestamptz(3)
);

create index closure_transaction on transactions.closure (transaction_id);

-- What a person should look at. `subject_id` is the transaction, orphan stop or quarantined report it is about.
create table transactions.reconciliation_case (
  id text collate "C" primary key,
  tenant_id text not null,
  station_id text not null,
  kind text not null check (kind in ('orphan-stop', 'stop-missing', 'meter', 'clock', 'overlap', 'quarantine')),
  subject_id text not null,
  transaction_id text,
  evidence jsonb not null,
  opened_at timestamptz(3) not null,
  resolved_at timestamptz(3),
  resolved_by text,
  resolution text
) with (fillfactor = 80);

create unique index reconciliation_case_open on transactions.reconciliation_case (subject_id, kind) where resolved_at is null;
create index reconciliation_case_page on transactions.reconciliation_case (tenant_id, id desc);
create index reconciliation_case_open_page on transactions.reconciliation_case (tenant_id, id desc) where resolved_at is null;
create index reconciliation_case_station on transactions.reconciliation_case (tenant_id, station_id, id desc);

-- Reports that Postgres refused for what they hold, byte for byte.
create table transactions.quarantine (
  id text primary key,
  tenant_id text not null,
  station_id text not null,
  -- SHA-256 of what is kept, so that a report that comes again is kept once.
  report_key bytea not null,
  report_type text not null,
  report bytea not null,
  error_code text not null,
  sql_state text,
  received_at timestamptz(3) not null,
  transaction_id text,
  unique (station_id, report_key)
);

-- The OCPP identities of stations, as learnt from the stations service: for views, filters and facts only.
create table transactions.station_identity (
  station_id text primary key,
  tenant_id text not null,
  identity text collate "C" not null,
  learnt_at timestamptz(3) not null
);

create index station_identity_by_identity on transactions.station_identity (tenant_id, identity);

-- A probe of the commit path has to write something, or its commit waits for no disk.
create table transactions.commit_probe (
  only_row boolean primary key default true check (only_row),
  at timestamptz not null
) with (fillfactor = 10);

insert into transactions.commit_probe (at) values (now());
