/**
 * Makes a gateway the owner of a station, under an epoch above all earlier ones.
 *
 * KEYS[1]  {prefix}:station:{station}, a hash of `gateway` (absent when released) and `epoch`
 * ARGV[1]  the gateway's id
 * ARGV[2]  the least epoch, decimal text: the gateway's clock in microseconds, or the highest epoch it has seen + 1
 *
 * Returns { epoch, previous gateway or nil, previous epoch or nil }, epochs as decimal text. Lua's numbers are exact
 * below 2^53, but its own way to text is not (1.7e+15): hence '%.0f' wherever a number becomes text.
 */
export const claimLua = `
local previous = redis.call('HMGET', KEYS[1], 'gateway', 'epoch')
local time = redis.call('TIME')
local epoch = math.max(tonumber(time[1]) * 1000000 + tonumber(time[2]), tonumber(ARGV[2]))
if previous[2] then
  epoch = math.max(epoch, tonumber(previous[2]) + 1)
end
local text = string.format('%.0f', epoch)
redis.call('HSET', KEYS[1], 'gateway', ARGV[1], 'epoch', text)
redis.call('PERSIST', KEYS[1])
return { text, previous[1], previous[2] }
`;
