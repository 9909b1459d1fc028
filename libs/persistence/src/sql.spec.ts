import { describe, expect, it } from 'vitest';
import { sql } from './sql.js';

describe('sql', () => {
  // Nothing that comes in through a hole ever becomes text.
  it('makes parameters of values', () => {
    const name = `'; drop table x; --`;
    const statement = sql`select * from t where a = ${name} and b = any(${[1, 2]}::int[])`;
    expect(statement.text).toBe('select * from t where a = $1 and b = any($2::int[])');
    expect(statement.values).toEqual([name, [1, 2]]);
    expect(statement.name).toBeUndefined();
  });

  it('composes pieces and counts on', () => {
    const condition = (open: boolean) => (open ? sql`and ended_at > ${'x'} and c = ${3}` : sql.empty);
    const make = (open: boolean) => sql`select ${1} from t where b = ${2} ${condition(open)} limit ${4}`;
    expect(make(true).text).toBe('select $1 from t where b = $2 and ended_at > $3 and c = $4 limit $5');
    expect(make(true).values).toEqual([1, 2, 'x', 3, 4]);
    expect(make(false).text).toBe('select $1 from t where b = $2  limit $3');
    expect(make(false).values).toEqual([1, 2, 4]);
  });

  it('joins lists', () => {
    const list = sql.join([sql`(${1}, ${'a'})`, sql`(${2}, ${'b'})`]);
    expect(sql`insert into t values ${list}`.text).toBe('insert into t values ($1, $2), ($3, $4)');
    expect(sql.join([sql`a = ${1}`, sql`b = ${2}`], sql` and `).text).toBe('a = $1 and b = $2');
    expect(sql`x ${sql.join([])} y`.text).toBe('x  y');
  });

  // A forgotten member must not become NULL in silence.
  it('refuses undefined', () => {
    const row: { name?: string } = {};
    expect(() => sql`insert into t values (${1}, ${row.name ?? null})`).not.toThrow();
    expect(() => sql`insert into t values (${1}, ${row.name as string})`).toThrow(
      'value 2 of a statement is undefined',
    );
  });

  // Postgres refuses two texts under one prepared name, and conditional pieces give several texts.
  it('names prepared statements by their text', () => {
    const make = (open: boolean) => sql.named('find')`select 1 ${open ? sql`where true` : sql.empty} -- ${1}`;
    expect(make(true).name).toMatch(/^find_[0-9a-f]{12}$/);
    expect(make(true).name).toBe(make(true).name);
    expect(make(true).name).not.toBe(make(false).name);
  });

  it.each(['stations.outbox', 'busbar_x_writer', '_a1'])('quotes the identifier %s', (name) => {
    expect(sql.identifier(name).text).toBe(
      name
        .split('.')
        .map((part) => `"${part}"`)
        .join('.'),
    );
  });

  it.each(['', 'A', 'a b', 'a"b', 'a.b.c', '1a', 'a;b', 'ä', `a${'x'.repeat(63)}`])(
    'refuses the identifier %j',
    (name) => {
      expect(() => sql.identifier(name)).toThrow(TypeError);
    },
  );
});
