import { describe, expect, it } from 'vitest';
import { maskFrame } from './mask-frame.js';

describe('maskFrame', () => {
  // Keys and the passwords of URLs, to the station and from it.
  it.each([
    [
      '[2,"a","ChangeConfiguration",{"key":"AuthorizationKey","value":"00112233"}]',
      '[2,"a","ChangeConfiguration",{"key":"AuthorizationKey","value":"***"}]',
    ],
    [
      '[2,"a","GetDiagnostics",{"location":"ftp://user:pa%40ss@host/dir"}]',
      '[2,"a","GetDiagnostics",{"location":"ftp://user:***@host/dir"}]',
    ],
    ['[2,"a","X",["http://a:b@c","sftp://d:e@f"', '[2,"a","X",["http://a:***@c","sftp://d:***@f"'],
  ])('masks %s', (frame, masked) => {
    expect(maskFrame(frame)).toBe(masked);
  });

  // Everything else stays byte for byte.
  it.each([
    '[2, "a", "Heartbeat", {} ]',
    '[2,"a","GetDiagnostics",{"location":"https://host:443/dir?to=a@b"}]',
    '[2,"a","DataTransfer",{"data":"a@b.c"}]',
    'not json',
  ])('leaves %s', (frame) => {
    expect(maskFrame(frame)).toBe(frame);
  });
});
