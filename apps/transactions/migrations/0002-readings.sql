-- One row per MeterValue element. No foreign key to the transaction: readings may come before it, after it and
-- without it (rules V-02, X-13), and which transaction they belong to is worked out when they are read.
create table transactions.reading (
  tenant_id text not null,
  station_id text collate "C" not null,
  evse_id integer not null,
  connector_id integer not null,
  -- The station's time; -infinity where its text was no time at all, because the time of receipt differs between
  -- a message and its repeat and so can be no part of the key.
  sampled_at timestamptz(3) not null,
  -- The station's text where it is not simply `sampled_at` as RFC 3339 in UTC with milliseconds.
  sampled_at_text text,
  -- First 16 bytes of the SHA-256 of the sampled values as the station wrote them (version 1), or of those and the
  -- unreadable text of the time (version 2). uuid is the 16-byte type of Postgres.
  digest uuid not null,
  digest_version smallint not null,
  received_at timestamptz(3) not null,
  -- As the station wrote it; null when it named none.
  ocpp_transaction_id text collate "C",
  context text not null,
  -- As the gateway wrote it, byte for byte. Not jsonb, which costs more than the rest of the row (docs/adr).
  samples json not null,
  energy_wh numeric,
  power_w numeric,
  soc_percent numeric,
  -- The whole message where something in it was tolerated; otherwise `samples` holds every text it had.
  raw text
) partition by range (sampled_at);

-- The key, ordered so that it also finds the readings of a station in a span of time.
create unique index reading_key on transactions.reading
  (station_id, sampled_at, evse_id, connector_id, digest, digest_version);

-- Clocks in 1970 and in 2106, and months that nobody expected. A job moves whole months out of it.
create table transactions.reading_default partition of transactions.reading default;
