/**
 * A channel's presence is one hash: `l` names its life, `n` counts its changes, `q` is a time before which nobody expires (the server's clock, ms);
 * `m<member>` is when that session expires (13), the connection that holds it (percent-encoded), a space, and the member as JSON.
 *
 * Every script of it begins with this. ARGV: 1 whether it tells listeners itself, 2 the key that they listen to, 3 the name of a new life.
 * The reply begins with what was not told, then life, changes, and in how many ms somebody may expire (-1: never).
 */
const PRELUDE = `
local key = KEYS[1]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local l, n, q = unpack(redis.call('HMGET', key, 'l', 'n', 'q'))
n, q = tonumber(n or 0), tonumber(q or 0)
local untold = {}

local function tell(kind, more, json)
  local notification = kind .. more .. l .. '.' .. n .. ' ' .. json
  if ARGV[1] == '1' then redis.call('SPUBLISH', ARGV[2], notification) else untold[#untold + 1] = notification end
end

local function jsonOf(held) return string.sub(held, string.find(held, ' ', 14, true) + 1) end

local function expire()
  if not l or q == 0 or q > now then return end
  local pairsOf = redis.call('HGETALL', key)
  q = 0
  for i = 1, #pairsOf, 2 do
    if string.sub(pairsOf[i], 1, 1) == 'm' then
      local due = tonumber(string.sub(pairsOf[i + 1], 1, 13))
      if due <= now then
        redis.call('HDEL', key, pairsOf[i])
        n = n + 1
        tell('l', '', jsonOf(pairsOf[i + 1]))
      elseif q == 0 or due < q then
        q = due
      end
    end
  end
  -- For want of memory it may have to be looked for again.
  redis.pcall('HSET', key, 'n', n, 'q', q)
end

local function reply() return { untold, l or 'none', n, q == 0 and -1 or q - now } end
expire()
`;

/** ARGV from 4: time to live (ms), member, connection (percent-encoded), the member as JSON. */
export const JOIN = `#!lua
${PRELUDE}
local ttl, field, json = tonumber(ARGV[4]), 'm' .. ARGV[5], ARGV[7]
local isNew = not l
l = l or ARGV[3]
local held = redis.call('HGET', key, field)
local due = now + ttl
redis.call('HSET', key, field, string.format('%013.0f', due) .. ARGV[6] .. ' ' .. json)
if not held or jsonOf(held) ~= json then n = n + 1 end
if not held then tell('j', ttl .. ' ', json) end
if q == 0 or due < q then q = due end
redis.call('HSET', key, 'l', l, 'n', n, 'q', q)
if isNew then redis.call('PEXPIRE', key, ttl + 60000) else redis.call('PEXPIRE', key, ttl + 60000, 'GT') end
return reply()
`;

/** ARGV from 4: member, connection (percent-encoded). */
export const LEAVE = `${PRELUDE}
local field = 'm' .. ARGV[4]
local held = redis.call('HGET', key, field)
if held and string.sub(held, 14, string.find(held, ' ', 14, true) - 1) == ARGV[5] then
  redis.call('HDEL', key, field)
  n = n + 1
  redis.call('HSET', key, 'n', n)
  tell('l', '', jsonOf(held))
end
return reply()
`;

/** Replies each member as JSON, after the rest. */
export const LIST = `${PRELUDE}
local result = reply()
local all = redis.call('HGETALL', key)
for i = 1, #all, 2 do
  if string.sub(all[i], 1, 1) == 'm' then result[#result + 1] = jsonOf(all[i + 1]) end
end
return result
`;

/** Lets those go whose time is over. */
export const EXPIRE = `${PRELUDE}
return reply()
`;
