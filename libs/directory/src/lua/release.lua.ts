/**
 * Removes the owner of a station if it is exactly the given one. The epoch stays for a while, so that the next claim
 * comes out above it even when clocks disagree, and so that an announcement that was overtaken can't bring it back.
 *
 * KEYS[1]  {prefix}:station:{station}, a hash of `gateway` and `epoch`
 * ARGV[1]  the gateway's id
 * ARGV[2]  the epoch, decimal text; compared as text, digit by digit
 * ARGV[3]  how long the epoch stays, in seconds
 *
 * Returns 1 when the owner was removed, 0 when it is another or none.
 */
export const releaseLua = `
local entry = redis.call('HMGET', KEYS[1], 'gateway', 'epoch')
if entry[1] == ARGV[1] and entry[2] == ARGV[2] then
  redis.call('HDEL', KEYS[1], 'gateway')
  redis.call('EXPIRE', KEYS[1], ARGV[3])
  return 1
end
return 0
`;
