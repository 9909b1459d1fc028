-- A command is a row and its CALLs are rows. The queue of a station is its rows in state `queued`; there is no other.
create table command (
  -- Ids sort by time of creation, so that newest first is by id, descending.
  id text primary key,
  tenant_id text not null,
  station text not null,
  -- The station's OCPP identity when the command was made: what people see, never a key.
  identity text not null,
  version text not null,
  type text not null,
  params jsonb not null,
  -- 0 stop and safety, 1 the rest, 2 bulk.
  priority smallint not null,
  when_offline text not null check (when_offline in ('fail', 'wait')),
  deadline_seconds integer not null,
  -- Whether the CALLs after a failed one are still sent.
  goes_on boolean not null,
  -- Whether a CALL of which nobody knows if it was written may be sent once more.
  repeatable boolean not null,
  state text not null check (state in ('queued', 'sending', 'sent', 'ended')),
  outcome text check (
    outcome in ('accepted', 'rejected', 'error', 'unknown', 'not-sent', 'expired', 'not-supported', 'superseded')
  ),
  detail text,
  created_at timestamptz(3) not null,
  deadline_at timestamptz(3) not null,
  ended_at timestamptz(3),
  -- The next CALL must be on the socket by then. It starts as the deadline and moves on with each CALL that was written.
  send_by timestamptz(3) not null,
  -- A queued command is not tried before this instant.
  not_before timestamptz(3) not null,
  -- How often in a row the next CALL came back unwritten: the back-off counts it.
  refusals smallint not null default 0,
  -- The connection that the CALL in flight went to; kept afterwards.
  gateway text,
  epoch bigint,
  -- Drawn by whoever took the CALL to send it, so that a taker whose commit was in doubt can tell its own from others'.
  claim text,
  -- When a CALL in flight has gone without any word for so long that nothing is to be expected any more.
  settle_by timestamptz(3),
  timeline jsonb not null,
  -- What in the world would show that the command took effect; null when nothing would.
  expectation jsonb,
  expect_until timestamptz(3),
  effect_kind text,
  effect_at timestamptz(3),
  effect_ref text,
  -- Rises with every change; a change is written only over the revision that it was made from.
  revision integer not null default 1,
  check ((state = 'ended') = (outcome is not null)),
  check ((state = 'ended') = (ended_at is not null))
);

-- One CALL outstanding per station in our direction (OCPP 1.6-J, 4.1.1; rule M-10), whoever sends.
create unique index command_in_flight on command (station) where state in ('sending', 'sent');
create index command_queued on command (station, priority, created_at, id) where state = 'queued';
create index command_runnable on command (not_before) where state = 'queued';
create index command_expiring on command (send_by) where state = 'queued';
create index command_settling on command (settle_by) where state in ('sending', 'sent');
create index command_by_gateway on command (gateway) where state in ('sending', 'sent');
create index command_expecting on command (station, type) where expectation is not null and effect_kind is null;
create index command_by_effect on command (effect_ref) where effect_ref is not null;
create index command_listed on command (tenant_id, id desc);
create index command_of_station on command (tenant_id, identity, id desc);
create index command_ended on command (ended_at) where state = 'ended';

create table call (
  command text not null references command (id) on delete cascade,
  tenant_id text not null,
  ordinal smallint not null,
  message_id text not null unique,
  action text not null,
  -- Secrets masked.
  request jsonb not null,
  -- The payload as it must go out, only where it has secrets, and only until the CALL has ended.
  secret_request jsonb,
  timeout_ms integer not null,
  state text not null check (state in ('waiting', 'sending', 'sent', 'ended')),
  outcome text,
  detail text,
  response jsonb,
  error jsonb,
  sent_at timestamptz(3),
  answered_at timestamptz(3),
  -- The ordinal of the CALL of which this is the one repetition.
  repeats smallint,
  primary key (command, ordinal),
  check ((state = 'ended') = (outcome is not null)),
  check (state <> 'ended' or secret_request is null)
);

-- What a station told about its variables, on the way to the stations service: at least once.
create table variable_report (
  id text primary key,
  tenant_id text not null,
  station text not null,
  report jsonb not null,
  created_at timestamptz(3) not null,
  not_before timestamptz(3) not null,
  attempts smallint not null default 0
);

create index variable_report_due on variable_report (not_before);
