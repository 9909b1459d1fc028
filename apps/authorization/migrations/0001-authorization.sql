create table "authorization".id_token (
  id text primary key,
  tenant_id text not null,
  -- The form in which tokens are compared (rule I-01); `id_token` is the text as first seen.
  folded text collate "C" not null,
  id_token text not null,
  status text not null,
  expires_at timestamptz,
  group_folded text collate "C",
  group_token text,
  -- Null means no limit.
  max_concurrent integer check (max_concurrent >= 0),
  -- Identities of stations, and sites, where it may charge; both null means everywhere.
  stations text[],
  sites text[],
  note text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (tenant_id, folded)
);

create index id_token_page on "authorization".id_token (tenant_id, id desc);
create index id_token_group on "authorization".id_token (tenant_id, group_folded, id desc);

-- Tokens that stations showed and nobody knows; bounded per tenant.
create table "authorization".unknown_token (
  tenant_id text not null,
  folded text collate "C" not null,
  -- Of the latest sighting, so that pages are newest first.
  id text not null,
  id_token text not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  count bigint not null,
  last_station_id text not null,
  primary key (tenant_id, folded)
) with (fillfactor = 80);

create index unknown_token_page on "authorization".unknown_token (tenant_id, id desc);

-- Every decision with its reason. The id of an Authorize is its report's, so that one delivered twice is kept once.
create table "authorization".decision (
  id text not null,
  tenant_id text not null,
  at timestamptz not null,
  -- The token as the station sent it, and folded.
  id_token text not null,
  folded text collate "C" not null,
  station_id text not null,
  purpose text not null check (purpose in ('authorize', 'start', 'stop')),
  status text not null,
  reason text not null,
  group_token text,
  expires_at timestamptz,
  -- When the transaction began by the station's clock; null for an Authorize.
  occurred_at timestamptz,
  primary key (id, at)
) partition by range (at);

create index decision_page on "authorization".decision (tenant_id, id desc);
create index decision_token on "authorization".decision (tenant_id, folded, id desc);
create index decision_station on "authorization".decision (tenant_id, station_id, id desc);

select ensure_monthly_partitions('decision', date_trunc('month', now())::date, 19);
