/**
 * Writes what a gateway holds, unless something newer stands there. Of two gateways with the same epoch (both accepted
 * the station without the directory, in the same microsecond) the greater id stays, so that announcing again settles.
 *
 * KEYS[1]  {prefix}:station:{station}, a hash of `gateway` (absent when released) and `epoch`
 * ARGV[1]  the gateway's id
 * ARGV[2]  the epoch, decimal text without leading zeros
 * ARGV[3]  '1' when a claim of this gateway got no answer: an entry of its own then gives way whatever its epoch,
 *          because nobody holds that epoch; otherwise '0'
 *
 * Returns {} when the entry now is the announced one, otherwise { gateway or nil, epoch } of what stands.
 */
export const announceLua = `
local entry = redis.call('HMGET', KEYS[1], 'gateway', 'epoch')
if entry[2] and not (ARGV[3] == '1' and entry[1] == ARGV[1]) then
  local stands = tonumber(entry[2])
  local announced = tonumber(ARGV[2])
  if stands > announced or (stands == announced and (not entry[1] or entry[1] > ARGV[1])) then
    return { entry[1], entry[2] }
  end
end
redis.call('HSET', KEYS[1], 'gateway', ARGV[1], 'epoch', ARGV[2])
redis.call('PERSIST', KEYS[1])
return {}
`;
