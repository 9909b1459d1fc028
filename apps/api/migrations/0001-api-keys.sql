-- API keys. The key itself is shown once and never stored: only its SHA-256, which is enough for 160 random bits.
create table api.api_key (
  id           text primary key,
  tenant_id    text not null,
  name         text not null,
  scopes       text[] not null,
  key_hash     bytea not null unique,
  created_at   timestamptz not null default now(),
  created_by   text not null,
  revoked_at   timestamptz
);

create index api_key_by_tenant on api.api_key (tenant_id, id desc);
